-- A supervision case with all its steps.
select body from show_supervision(:community, :supervision, :caller) as body where body is not null
