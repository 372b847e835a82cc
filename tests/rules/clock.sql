-- The time comes from one place.

-- test: the clock table decides for connections that were opened for it
update clock set instant = '2026-11-22T05:42:16Z';
do $$ begin
    assert wall_now() = '2026-11-22T05:42:16Z';
end $$;

-- test: a shift goes with the real time
update clock set instant = null, shift = '25 hours';
do $$ begin
    assert abs(extract(epoch from wall_now() - clock_timestamp()) - 25 * 3600) < 1;
end $$;

-- test: other connections know nothing of it
update clock set instant = '2026-11-22T05:42:16Z';
set local echo_wall.clock = '';
do $$ begin
    assert abs(extract(epoch from wall_now() - clock_timestamp())) < 1;
end $$;
