-- The channels of a department, oldest first.
select list_channels(:community, :caller, :department, :beyond_reach) as body
