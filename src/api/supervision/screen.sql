-- One of the supervision lists: each hit with the rules that fired.
select * from list_supervised(:community, :list, :caller, :limit, :after_key, :after_id) where body is not null
