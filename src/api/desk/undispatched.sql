-- What no department has yet, oldest first, with the proposals for each.
select * from list_undispatched(:community, :limit, :after_key, :after_id)
