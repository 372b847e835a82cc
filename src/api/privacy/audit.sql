-- Who did what to people and their data, newest first.
select * from list_audit(:community, :action, :actor, :limit, :after_key)
