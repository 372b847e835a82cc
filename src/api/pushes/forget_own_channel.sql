-- A channel is forgotten.
select null::text as body from forget_channel(:community, :caller, null, :channel)
