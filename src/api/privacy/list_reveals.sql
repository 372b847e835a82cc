-- Who wanted to know who a reporter is, newest first.
select * from list_reveals(:community, :caller, :limit, :after_key, :after_id)
