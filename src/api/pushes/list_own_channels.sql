-- The channels of whoever asks, oldest first.
select list_channels(:community, :caller, null) as body
