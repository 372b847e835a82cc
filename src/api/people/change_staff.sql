-- Somebody changes the name or password of a member of staff, or ends the service; the last officer of a department names a successor.
select change_staff(:community, :caller, :staff, :input, :password_hash) as body
