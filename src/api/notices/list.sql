-- What the community tells everybody, newest first.
select * from list_notices(:community, :caller, :kind, :publication, :limit, :after_id)
