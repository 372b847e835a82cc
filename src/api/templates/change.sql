-- A template says something else.
select change_template(:community, :caller, :template, :input) as body
