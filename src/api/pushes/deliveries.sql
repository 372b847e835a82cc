-- What was delivered to a webhook or channel and what waits, newest first.
select * from list_deliveries(:community, :hook, :state, :limit, :after_key, :after_id)
