-- A channel is told other things, at other hours, in another language, or nothing.
select change_channel(:community, :caller, :department, :channel, :input, :beyond_reach) as body
