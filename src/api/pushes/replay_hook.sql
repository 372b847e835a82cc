-- A webhook is sent the events again from a place in their stream.
select replay_hook(:community, :caller, :hook, :from) as body
