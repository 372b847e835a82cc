-- A message has arrived; or it is tried again, later each time; or it is dead.
select settle_delivery(:community, :delivery, :tries, :failure, :final, :retry_after) as settled
