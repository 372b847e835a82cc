-- What came in with a warning, newest first.
select * from list_warned(:community, :warning, :caller, :limit, :after_key, :after_id) where body is not null
