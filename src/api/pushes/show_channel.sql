-- A channel, without what it is reached by.
select channel_json(own_channel(:community, :caller, :department, :channel), :beyond_reach) as body
