-- What a resident has filed under his name, newest first.
select * from list_own(:community, :actor, :limit, :after_key, :after_id)
