-- Days are the community's, in its zone, with its holidays and make-up days.

set local role echo_wall_owner;
insert into community (community, name, name_en, time_zone, created)
values ('a', '甲', 'A', 'Asia/Shanghai', '2026-01-01'), ('b', '乙', 'B', 'Asia/Shanghai', '2026-01-01');
set local role echo_wall_daemon;
insert into calendar_day (community, day, working)
select 'a', day::date, false from generate_series('2026-10-01'::date, '2026-10-07', '1 day') day;
insert into calendar_day (community, day, working) values ('a', '2026-10-10', true);

-- test: a day ends at midnight in Shanghai
do $$ begin
    assert end_of_day('2026-11-22', 'Asia/Shanghai') = '2026-11-22T16:00:00Z';
end $$;

-- test: days in New York have 23 and 25 hours where clocks change
do $$ begin
    assert end_of_day('2026-03-08', 'America/New_York') - end_of_day('2026-03-07', 'America/New_York') = '23 hours';
    assert end_of_day('2026-11-01', 'America/New_York') - end_of_day('2026-10-31', 'America/New_York') = '25 hours';
end $$;

-- test: another community has its own holidays
do $$ begin
    assert after_working_days('b', '2026-09-28T02:00:00Z', 5, 'Asia/Shanghai') = '2026-10-05T16:00:00Z';
end $$;

-- test: a deadline that would fall on a holiday ends after the holidays
do $$ begin
    assert after_working_days('a', '2026-09-30T02:00:00Z', 1, 'Asia/Shanghai') = '2026-10-08T16:00:00Z';
    assert after_working_days('a', '2026-10-03T02:00:00Z', 1, 'Asia/Shanghai') = '2026-10-08T16:00:00Z';
end $$;

-- test: five working days over the National Day week end with the make-up Saturday
do $$ begin
    assert after_working_days('a', '2026-09-28T02:00:00Z', 5, 'Asia/Shanghai') = '2026-10-10T16:00:00Z';
end $$;

-- test: the day of the submission itself is no working day of its own, whatever the hour
do $$ begin
    assert after_working_days('b', '2026-11-23T00:00:00+08', 1, 'Asia/Shanghai') = '2026-11-24T16:00:00Z';
    assert after_working_days('b', '2026-11-23T23:59:59+08', 1, 'Asia/Shanghai') = '2026-11-24T16:00:00Z';
end $$;

-- test: a moment in a span that passes midnight moves to its end
do $$ begin
    assert after_span('2026-11-23T23:30:00+08', '22:00', '08:00', '09:00', 'Asia/Shanghai') = '2026-11-24T09:00:00+08';
    assert after_span('2026-11-24T07:59:59+08', '22:00', '08:00', '09:00', 'Asia/Shanghai') = '2026-11-24T09:00:00+08';
    assert after_span('2026-11-23T22:00:00+08', '22:00', '08:00', '09:00', 'Asia/Shanghai') = '2026-11-24T09:00:00+08';
end $$;

-- test: a moment outside of the span stays
do $$ begin
    assert after_span('2026-11-24T08:00:00+08', '22:00', '08:00', '09:00', 'Asia/Shanghai') = '2026-11-24T08:00:00+08';
    assert after_span('2026-11-24T21:59:59+08', '22:00', '08:00', '09:00', 'Asia/Shanghai') = '2026-11-24T21:59:59+08';
end $$;

-- test: a span within one day moves to its end, too
do $$ begin
    assert after_span('2026-11-24T13:00:00+08', '12:00', '14:00', '14:00', 'Asia/Shanghai') = '2026-11-24T14:00:00+08';
    assert after_span('2026-11-24T11:00:00+08', '12:00', '14:00', '14:00', 'Asia/Shanghai') = '2026-11-24T11:00:00+08';
end $$;

-- test: instants are written in UTC with six digits
do $$ begin
    assert instant('2026-11-22T13:42:16.5+08') = '2026-11-22T05:42:16.500000Z';
    assert instant(null) is null;
end $$;
