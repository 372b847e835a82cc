-- What a resident supports, newest first.
select * from list_supported(:community, :actor, :limit, :after_key, :after_id)
