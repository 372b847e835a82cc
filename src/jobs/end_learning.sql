-- Whatever community this session was learning in, another may now.
select pg_advisory_unlock_all() as done
