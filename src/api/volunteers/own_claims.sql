-- What a volunteer has taken up, newest first.
select * from list_own_claims(:community, :actor, :limit, :after_key, :after_id)
