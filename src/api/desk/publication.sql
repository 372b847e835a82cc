-- What waits for somebody to look before it is published, or was hidden, what waits longest first.
select * from list_publication(:community, :publication, :limit, :after_key, :after_id)
