-- A channel, without what it is reached by.
select channel_json(own_channel(:community, :caller, null, :channel), :beyond_reach) as body
