-- The channels of whoever asks, oldest first.
select list_channels(:community, :caller, null, :beyond_reach) as body
