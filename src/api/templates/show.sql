-- One template.
select body from show_template(:community, :template, :caller) as body where body is not null
