-- The sweep of the pictures is over, another server may begin one.
select pg_advisory_unlock(hashtextextended('sweep of pictures', 312))
