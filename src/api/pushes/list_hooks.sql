-- The webhooks of the community, newest first.
select * from list_hooks(:community, :limit, :after_id)
