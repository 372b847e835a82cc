-- Somebody is admitted to the panel, or parts from it.
select body from change_panel(:community, :member, :caller, :action)
