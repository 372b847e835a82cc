-- One batch of what is due in any community, the oldest first.
select settled, more from settle_due(:limit)
