-- One server at a time takes pictures out of the store; the lock ends with the connection at the latest.
select pg_try_advisory_lock(hashtextextended('sweep of pictures', 312)) as ours
