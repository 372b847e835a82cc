-- The chain of bulletins, newest first.
select * from list_bulletins(:community, :limit, :after_key)
