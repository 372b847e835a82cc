-- Owners hear of steps of supervision cases whose due has passed, in any community.
select settled from settle_supervisions(:limit)
