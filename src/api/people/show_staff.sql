-- A member of the staff.
select staff_json(s) as body from staff s where community = :community and staff = :staff
