-- What seems to be about the same matter, the newest first.
select * from list_clusters(:community, :proposed, :limit, :after_key, :after_id)
