-- A template is not needed any more.
select forget_template(:community, :caller, :template) as body
