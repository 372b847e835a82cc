-- What is summed up (11_sums.sql) is read: for a period, the sums by the end of its last day less those before its first, and for now what a few complaints
-- have changed since the sums were brought on, and what is open. Nothing is written.

-- The rows that a period of days needs, and in each between which two of its numbers: days of its first and last month, months of the years between.
create function stretches(from_day date, to_day date) returns table (span text, begins date, before integer, upto integer) language sql immutable as $$
    select 'month', m::date, case when m = f then extract(day from from_day)::integer - 1 else 0 end, case when m = t then extract(day from to_day)::integer else 31 end
    from (select date_trunc('month', from_day::timestamp) as f, date_trunc('month', to_day::timestamp) as t) as ends cross join lateral unnest(array[f, t]) as m
    where from_day <= to_day group by m, f, t
    union all
    select 'year', y::date, greatest(extract(year from f) = extract(year from y), false)::integer * extract(month from f)::integer,
           case when extract(year from t) = extract(year from y) then extract(month from t)::integer - 1 else 12 end
    from (select date_trunc('month', from_day::timestamp) as f, date_trunc('month', to_day::timestamp) as t) as ends
    cross join lateral generate_series(date_trunc('year', f), date_trunc('year', t), interval '1 year') as y
    where f < t
$$;

-- Of the groups of one kind, or all together (''), what the sums say of a period, to be added up: of all figures, or of one. The rows of each stretch are
-- found by index, whatever the statistics say of how many stretches there are: hence `offset 0`.
create function kept_sums(of_community text, of_kind text, from_day date, to_day date, of_figure text default null, of_part text default null) returns setof figure_sum
language sql stable as $$
    select s.figure, s.part, s.key, s.numerator, s.denominator
    from stretches(from_day, to_day) t
    cross join lateral (
        select x.figure, x.part, x.key, x.numerators[t.upto] - coalesce(x.numerators[t.before], 0) as numerator,
               x.denominators[t.upto] - coalesce(x.denominators[t.before], 0) as denominator
        from wall.counted_sum x
        where x.community = of_community and x.by_what = of_kind and x.span = t.span and x.begins = t.begins
          and (of_figure is null or x.figure = of_figure) and (of_part is null or x.part = of_part) offset 0) as s
    where t.before < t.upto
$$;

create function kept_days(of_community text, from_day date, to_day date) returns setof figure_sum language sql stable as $$
    select s.figure, s.part, (s.begins + n - 1)::text, s.numerators[n] - coalesce(s.numerators[n - 1], 0), s.denominators[n] - coalesce(s.denominators[n - 1], 0)
    from wall.counted_sum s cross join lateral generate_series(1, 31) as n
    where s.community = of_community and s.by_what = '' and s.span = 'month' and s.begins between date_trunc('month', from_day::timestamp)::date and to_day
      and s.begins + n - 1 between from_day and to_day
$$;

-- What came to more or less by day and group since the sums were brought on.
create type day_sum as (figure text collate "C", part text collate "C", day date, hour integer, key text collate "C", numerator bigint, denominator bigint);

create function changes_since(k wall.counting, now timestamptz, by_what text) returns day_sum[] language plpgsql stable as $$
declare
    anew uuid[] := array(select u.complaint from wall.uncounted u where u.community = k.community);
    others uuid[] := array(select c from unnest(affected(k.community, k.until, now)) as c where c <> all(anew));
begin
    return array(
        select row(c.figure, c.part, c.day, c.hour, key_of(by_what, c.department, c.category, c.building, c.day), sum(c.numerator), sum(c.denominator))::day_sum
        from (select d.*, (d.moment at time zone k.zone)::date as day, hour_of(d.figure, d.moment, k.zone) as hour
              from (select p.figure, p.part, p.department, p.category, p.building, p.moment, p.numerator, p.denominator
                    from count_dated(k.community, now, others || anew) as p
                    union all
                    select m.figure, m.part, m.department, m.category, m.building, m.moment, -m.numerator, -m.denominator
                    from count_dated(k.community, k.until, others) as m) as d) as c
        group by c.figure, c.part, c.day, c.hour, key_of(by_what, c.department, c.category, c.building, c.day)
        having sum(c.numerator) <> 0 or sum(c.denominator) <> 0);
end $$;

-- A moment among the hours that are summed up: of its day so many are taken whole, up to the nearer end of the one it lies in; and what lies between that
-- end and the moment is counted one by one, and comes to them or goes from them (`sign`).
create function split_hour(moment timestamptz, zone text, out day date, out hours integer, out sign integer, out since timestamptz, out until timestamptz)
language sql stable as $$
    select k.day, e.hours, sign(date_part('epoch', k.after - e.mark))::integer, least(e.mark, k.after), greatest(e.mark, k.after)
    from (select moment + interval '1 microsecond' as after, (moment at time zone zone)::date as day) as m
    cross join lateral (select m.day, m.after, m.day::timestamp at time zone zone as began) as k
    cross join lateral (select h as hours, least(k.began + h * interval '1 hour', end_of_day(k.day, zone)) as mark
                        from round(date_part('epoch', moment - k.began) / 3600) as h) as e
$$;

-- As count_demand(): two stretches between three moments, of whole days and hours as they are summed up, and of what is left at their ends.
create function demand_sums(k wall.counting, until timestamptz, by_what text, changed day_sum[]) returns setof figure_sum language sql stable as $$
    with edge as materialized (
        select e.n, s.* from unnest(array[until - interval '1512 hours', until - interval '168 hours', until]) with ordinality as e (moment, n)
        cross join lateral split_hour(e.moment, k.zone) as s
    ), stretch as materialized (
        select b.n, b.day as first, e.day - 1 as last from edge b join edge e on e.n = b.n + 1
    ), parts as (
        select e.n, s.key, s.numerators[e.hours] as number from edge e cross join lateral (
            select x.key, x.numerators from wall.counted_sum x
            where x.community = k.community and x.by_what = coalesce(nullif(demand_sums.by_what, 'day'), '') and x.span = 'day' and x.begins = e.day offset 0) as s
        union all
        select e.n, c.key, c.numerator from edge e join unnest(changed) as c on c.figure = 'demand_change' and c.day = e.day and c.hour <= e.hours
        union all
        select e.n, key_of(by_what, x.department, x.category, x.building, null), e.sign * x.number
        from edge e cross join lateral (
            select case by_what when 'department' then c.department end as department, case by_what when 'category' then c.category end as category,
                   case by_what when 'building' then c.building end as building, count(*) as number
            from wall.complaint c
            where c.community = k.community and c.submitted >= e.since and c.submitted < e.until and not (c.status = 'rejected' and coalesce(c.result = 'spam', false))
            group by 1, 2, 3) as x
    ), found as (
        select t.n, s.key, s.numerator from stretch t cross join lateral kept_sums(k.community, coalesce(nullif(by_what, 'day'), ''), t.first, t.last, 'demand_change') as s
        union all
        select t.n, c.key, c.numerator from stretch t join unnest(changed) as c on c.figure = 'demand_change' and c.day between t.first and t.last
        union all
        select e.n, p.key, e.sign * p.number from parts p cross join lateral (values (p.n, -1), (p.n - 1, 1)) as e (n, sign) where e.n in (1, 2)
    )
    select 'demand_change', '', case when by_what is distinct from 'day' then f.key end, coalesce(sum(f.numerator) filter (where f.n = 2), 0)::bigint,
           coalesce(sum(f.numerator) filter (where f.n = 1), 0)::bigint
    from found f group by 3
$$;

-- The sums that hold for now, if there are any: not while they are made for the first time, nor when the clock stands before them or before what has
-- happened. So the columns of complaints are as of now as well.
create function sums_for(of_community text, now timestamptz) returns wall.counting language plpgsql stable as $$
declare
    k wall.counting;
begin
    select * into k from wall.counting c
    where c.community = of_community and c.filled is null and c.until <= now and c.zone = zone_of(of_community)
      and coalesce((select e.at from wall.event e where e.community = of_community order by e.at desc limit 1) <= now, true);
    return k;
end $$;

-- Of one figure and part each day by itself, with what has changed.
create function by_days(k wall.counting, of_kind text, from_day date, to_day date, of_figure text, of_part text, changed day_sum[])
returns table (key text, day date, numerator bigint, denominator bigint) language sql stable as $$
    select d.key, d.day, sum(d.numerator)::bigint, sum(d.denominator)::bigint
    from (select s.key, s.begins + n - 1 as day, s.numerators[n] - coalesce(s.numerators[n - 1], 0) as numerator,
                 s.denominators[n] - coalesce(s.denominators[n - 1], 0) as denominator
          from wall.counted_sum s cross join lateral generate_series(1, 31) as n
          where s.community = k.community and s.by_what = case of_kind when 'day' then '' else coalesce(of_kind, '') end and s.span = 'month'
            and s.begins between date_trunc('month', from_day::timestamp)::date and to_day and s.figure = of_figure and s.part = of_part
            and (s.numerators[31] <> 0 or s.denominators[31] <> 0)
          union all
          select case of_kind when 'day' then '' else c.key end, c.day, c.numerator, c.denominator from unnest(changed) as c where c.figure = of_figure and c.part = of_part) as d
    where d.day between from_day and to_day and (d.numerator <> 0 or d.denominator <> 0)
    group by 1, 2
$$;

-- What is on a department's turn, as count_open(): how much by the sums, the oldest of each department by index, of other groups on the
-- first day that has any.
create function backlog_sums(k wall.counting, now timestamptz, by_what text, changed day_sum[]) returns setof figure_sum language sql stable as $$
    with held as materialized (
        select case by_what when 'day' then d.day::text else d.key end as key, min(d.day) as first, sum(d.numerator)::bigint as number
        from by_days(k, by_what, '2000-01-01', (now at time zone k.zone)::date, 'backlog', '', changed) as d where d.numerator <> 0 group by 1
    )
    select 'backlog', '', h.key, h.number, null::bigint from held h
    union all
    select 'oldest', '', key_of(by_what, d.department, null, null, null), max(floor(extract(epoch from now - o.submitted)))::bigint, null
    from wall.department d cross join lateral (
        select c.submitted from wall.complaint c
        where c.community = k.community and c.department = d.department and c.turn = 'department' order by c.submitted limit 1) as o
    where d.community = k.community and coalesce(by_what, 'department') = 'department' group by 3
    union all
    select 'oldest', '', h.key, max(floor(extract(epoch from now - o.submitted)))::bigint, null
    from (select distinct x.first as day from held x) as t
    join wall.department d on d.community = k.community
    cross join lateral (                         -- nothing but what complaint_held holds
        select x.department, x.category, x.building, x.submitted from wall.complaint x
        where x.community = k.community and x.department = d.department and x.turn = 'department'
          and x.submitted >= t.day::timestamp at time zone k.zone and x.submitted < end_of_day(t.day, k.zone) offset 0) as o
    join held h on h.first = t.day and h.key = key_of(by_what, o.department, o.category, o.building, t.day)
    where coalesce(by_what, 'department') <> 'department' group by h.key
$$;

-- Who waits for a first reply, as count_open(): of today and yesterday one by one, of the days before by the sums.
create function waiting_sums(k wall.counting, from_day date, to_day date, now timestamptz, by_what text, changed day_sum[]) returns setof figure_sum
language sql stable as $$
    with today as materialized (
        select t.day, greatest(t.day - 1, from_day)::timestamp at time zone k.zone as since from (select (now at time zone k.zone)::date as day) as t
    )
    select 'time_to_reply', 'o' || waited(now - w.minutes * interval '1 minute', now), key_of(by_what, w.department, w.category, w.building, w.day), 0::bigint,
           sum(w.number)::bigint
    from (select case by_what when 'department' then c.department end as department, case by_what when 'category' then c.category end as category,
                 case by_what when 'building' then c.building end as building, case by_what when 'day' then (c.submitted at time zone k.zone)::date end as day,
                 ceil(date_part('epoch', now - c.submitted) / 60) as minutes, count(*) as number
          from today t join wall.department d on d.community = k.community
          cross join lateral (                   -- nothing but what complaint_held holds
              select x.department, x.category, x.building, x.submitted from wall.complaint x
              where x.community = k.community and x.department = d.department and x.turn = 'department' and x.submitted >= t.since
                and x.submitted < end_of_day(to_day, k.zone) and x.first_reply is null offset 0) as c
          group by 1, 2, 3, 4, 5) as w
    group by 2, 3
    union all
    select 'time_to_reply', 'o' || waiting_days(t.day - d.day), case by_what when 'day' then d.day::text else d.key end, 0, sum(d.denominator)::bigint
    from today t cross join lateral by_days(k, by_what, greatest(from_day, t.day - 30), least(to_day, t.day - 2), 'time_to_reply', 'waits', changed) as d
    group by 2, 3
    union all
    select 'time_to_reply', 'o' || waiting_days(31), s.key, 0, sum(s.denominator)::bigint
    from today t cross join lateral (
        select x.key, x.denominator from kept_sums(k.community, coalesce(by_what, ''), from_day, least(to_day, t.day - 31), 'time_to_reply', 'waits') as x
        where by_what is distinct from 'day'
        union all
        select x.key, x.denominator from kept_days(k.community, from_day, least(to_day, t.day - 31)) as x
        where by_what = 'day' and x.figure = 'time_to_reply' and x.part = 'waits'
        union all
        select c.key, c.denominator from unnest(changed) as c
        where c.figure = 'time_to_reply' and c.part = 'waits' and c.day between from_day and least(to_day, t.day - 31)) as s
    group by 3
$$;

-- As counted_sums() as of now: what is summed up, what a few complaints have changed since then, and what is open. Its plans are kept. Nothing in it needs
-- an order, but the statistics take its groups for so few that they would be sorted.
create function sums_by_now(k wall.counting, from_day date, to_day date, now timestamptz, by_what text) returns figure_sum[]
language plpgsql stable set plan_cache_mode = force_generic_plan set enable_sort = off as $$
declare
    until timestamptz := end_of_day(to_day, k.zone);
    changed day_sum[] := changes_since(k, now, by_what);
begin
    return array(
        select row(s.figure, s.part, s.key, sum(s.numerator), sum(s.denominator))::figure_sum
        from (select * from kept_sums(k.community, coalesce(by_what, ''), from_day, to_day) where by_what is distinct from 'day'
              union all select * from kept_days(k.community, from_day, to_day) where by_what = 'day'
              union all select c.figure, c.part, c.key, c.numerator, c.denominator from unnest(changed) as c where c.day between from_day and to_day) as s
        where s.figure not in ('demand_change', 'backlog') and s.part <> 'waits'
        group by s.figure, s.part, s.key having sum(s.numerator) <> 0 or sum(s.denominator) <> 0)
    || array(select s from backlog_sums(k, now, by_what, changed) as s where is_something(s))
    || array(select s from waiting_sums(k, from_day, to_day, now, by_what, changed) as s where is_something(s))
    || array(select s from demand_sums(k, least(until, now), by_what, changed) as s where is_something(s));
end $$;
