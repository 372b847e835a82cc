-- A webhook is forgotten with all its deliveries.
select null::text as body from forget_hook(:community, :caller, :hook)
