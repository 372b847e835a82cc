-- One batch of what is due, the oldest first.
select settled, more from settle_due(:limit)
