-- A department gets another name, or answers no more.
select change_department(:community, :caller, :department, :input) as body
