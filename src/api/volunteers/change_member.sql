-- Somebody is admitted to a group, or parts from it.
select body from change_member(:community, :group, :volunteer, :caller, :action)
