-- Figures summed up: what count_dated() says of every complaint as of one moment (`until`), added up by month and year (the demand by the hours of
-- its days as well), so that a period is read and not counted. It says the same of a complaint until something happens to it or one of its moments
-- comes (affected()), so the sums are brought on by what those few add now, less what they had added; and who asks now is told the sums and that
-- difference (11_sums_read.sql).
--
-- This stands on one thing: nothing may come to light later that happened at or before `until`. So the clock first announces the moment (announce()),
-- alone in the community and before everything that is due and not yet settled; whoever acts at or before it nevertheless, because the clock was set
-- back, takes the complaint out of the sums first (leave_out()), and it is counted anew with the next stretch.

-- With other rules it may come to something else: everything is summed up once more.
delete from wall.counting;

-- Complaints whose contributions are not the same as of the two moments, and maybe others. All are found by index, whatever the statistics say: hence `offset 0`,
-- and nothing is read whole because it was small when the plan was made.
create function affected(of_community text, since timestamptz, until timestamptz) returns uuid[] language plpgsql stable set enable_seqscan = off as $$
begin
    return array(
        select e.complaint from wall.event e where e.community = of_community and e.at > since and e.at <= until
        union
        select d.complaint from unnest('{reply,accept,resolve}'::text[]) as k (kind)
        cross join lateral (
            select x.complaint from wall.deadline x where x.community = of_community and x.kind = k.kind and x.due > since and x.due <= until offset 0) as d
        union                                    -- answers about which visits count no longer
        select d.complaint from (select distinct x.followup_scored as span from wall.policy x where x.community = of_community) as p
        cross join lateral (
            select x.complaint, x.at from wall.event x where x.community = of_community and x.at > since - p.span and x.at <= until - p.span offset 0) as e
        cross join lateral (
            select x.complaint from wall.deadline x
            where x.community = of_community and x.complaint = e.complaint and x.kind = 'followup' and x.began = e.at offset 0) as d
        union                                    -- the hours within which a reply may have come
        select c.complaint from (select make_interval(hours => h) as span from unnest('{1,4,12,24,48,72}'::integer[]) as h
                                 union select x.reply from wall.policy x where x.community = of_community) as w
        cross join lateral (
            select x.complaint from wall.complaint x
            where x.community = of_community and x.submitted > since - w.span and x.submitted <= until - w.span offset 0) as c
        union
        select m.complaint from linked_after(of_community, since) as l cross join lateral linked_with(of_community, l.cluster, l.complaint) as m (complaint)
        union
        select a.complaint from wall.repeat_avoided a where a.community = of_community and a.at > since and a.at <= until);
end $$;

-- Everything linked or parted since then: a cluster's members after a moment are those it has now and, among these, those that have left it.
create function linked_after(of_community text, moment timestamptz) returns setof wall.cluster_link language sql stable as $$
    select * from wall.cluster_link l where l.community = of_community and l.at > moment
$$;

-- Complaints that may begin or cease to repeat another one when this one joins a cluster or parts from it, or goes `back` in time: itself, and members that
-- come after it by repeats_another(): those of an hour may all have come at its beginning, as their reporters wanted.
create function linked_with(of_community text, of_cluster uuid, of_complaint uuid, back interval default '0') returns setof uuid
language plpgsql stable set enable_seqscan = off as $$
begin
    return query
        select of_complaint
        union
        select m.complaint from wall.complaint c
        cross join lateral (
            select of_cluster as cluster union
            select x.cluster from wall.cluster_link x where x.community = of_community and x.complaint = of_complaint) as k
        cross join lateral (
            select x.complaint from wall.cluster_member x
            where x.community = of_community and x.cluster = k.cluster and x.submitted >= c.submitted - back and x.submitted <= c.submitted + interval '30 days'
              and (x.submitted, x.complaint) > (c.submitted - back, of_complaint) offset 0) as m
        where c.community = of_community and c.complaint = of_complaint;
end $$;

-- In which hour of its day something was submitted, the first one being 1 (the day on which summer time ends has 25): of the demand alone, which is asked
-- for up to a moment and not by days.
create function hour_of(figure text, moment timestamptz, zone text) returns integer language sql stable as $$
    select case when figure = 'demand_change' then
        floor(date_part('epoch', moment - (moment at time zone zone)::date::timestamp at time zone zone) / 3600)::integer + 1 end
$$;

-- What `plus` (null: all) come to as of a moment, less what `minus` came to as of another one, as the rows of counted_sum.
create function sums_of(of_community text, zone text, plus uuid[], plus_as_of timestamptz, minus uuid[], minus_as_of timestamptz) returns setof wall.counted_sum
language plpgsql stable as $$
begin
    return query
        with changed as (
            select k.figure, k.part, (k.moment at time zone zone)::date as day, hour_of(k.figure, k.moment, zone) as hour,
                   case when grouping(k.department) = 0 then 'department' when grouping(k.category) = 0 then 'category' when grouping(k.building) = 0 then 'building'
                       else '' end as by_what,
                   coalesce(k.department, k.category, k.building, '') as key, sum(k.numerator)::bigint as numerator, sum(k.denominator)::bigint as denominator
            from (select p.figure, p.part, p.moment, p.department::text, coalesce(p.category, '') as category, coalesce(p.building, '') as building,
                         p.numerator, coalesce(p.denominator, 0) as denominator
                  from count_dated(of_community, plus_as_of, plus) as p
                  union all
                  select m.figure, m.part, m.moment, m.department::text, coalesce(m.category, ''), coalesce(m.building, ''), -m.numerator, -coalesce(m.denominator, 0)
                  from count_dated(of_community, minus_as_of, minus) as m) as k
            group by grouping sets ((1, 2, 3, 4), (1, 2, 3, 4, k.department), (1, 2, 3, 4, k.category), (1, 2, 3, 4, k.building))
            having sum(k.numerator) <> 0 or sum(k.denominator) <> 0
        ), placed as (
            select c.by_what, s.span, s.begins::date, c.key, c.figure, c.part, n, sum(c.numerator) filter (where s.position <= n) as numerator,
                   sum(c.denominator) filter (where s.position <= n) as denominator
            from changed c
            cross join lateral (values ('day', c.day::timestamp, c.hour, 25),
                                       ('month', date_trunc('month', c.day::timestamp), extract(day from c.day), 31),
                                       ('year', date_trunc('year', c.day::timestamp), extract(month from c.day), 12)) as s (span, begins, position, length)
            cross join lateral generate_series(1, s.length) as n
            where s.position is not null
            group by 1, 2, 3, 4, 5, 6, 7
        )
        select of_community, p.by_what, p.span, p.begins, p.key, p.figure, p.part, array_agg(coalesce(p.numerator, 0)::bigint order by p.n),
               array_agg(coalesce(p.denominator, 0)::bigint order by p.n)
        from placed p group by 2, 3, 4, 5, 6, 7;
end $$;

create function added(one bigint[], other bigint[]) returns bigint[] language sql immutable as $$
    select array_agg(a + b order by n) from unnest(one, other) with ordinality as t (a, b, n)
$$;

create function add_to_sums(of_community text, zone text, plus uuid[], plus_as_of timestamptz, minus uuid[], minus_as_of timestamptz) returns void
language plpgsql set plan_cache_mode = force_generic_plan set work_mem = '64MB' as $$
begin
    insert into wall.counted_sum as s
    select * from sums_of(of_community, zone, plus, plus_as_of, minus, minus_as_of) n
    order by n.by_what, n.span, n.begins, n.figure, n.part, n.key
    on conflict (community, by_what, span, begins, figure, part, key) do update
    set numerators = added(s.numerators, excluded.numerators), denominators = added(s.denominators, excluded.denominators);
end $$;

-- Something happens to complaints at a moment that the sums have passed: they are taken out before it is written. Whoever calls holds the community's lock.
create function leave_out(of_community text, complaints uuid[], at timestamptz) returns void language plpgsql as $$
declare
    k wall.counting;
    fresh uuid[];
begin
    perform from wall.counting x where x.community = of_community and x.ahead >= leave_out.at;
    if not found then
        return;
    end if;
    select * into k from wall.counting x where x.community = of_community for update;
    -- With them all that was linked since: who has left a cluster was a member as of `until`, and linked_with() finds members of now.
    fresh := array(select c from (select unnest(complaints) union select l.complaint from linked_after(of_community, k.until) as l) as x (c)
                   where not exists (select from wall.uncounted u where u.community = of_community and u.complaint = c));
    perform add_to_sums(of_community, k.zone, '{}', k.until, array(
        select c.complaint from wall.complaint c
        where c.community = of_community and c.complaint = any(fresh) and (k.filled is null or c.submitted <= k.filled)), k.until);
    insert into wall.uncounted select of_community, c from unnest(fresh) as c;
end $$;

-- Bringing the sums on

-- The moment to which they are brought next: nothing at or before it is under way or still to be settled. Who acts meanwhile waits for those that have
-- begun, no longer than they need, and never longer than the time said here; then the clock tries again later.
create function quiet_moment(of_community text) returns timestamptz language plpgsql as $$
declare
    moment timestamptz;
begin
    set local lock_timeout = '50ms';
    perform pg_advisory_xact_lock(community_lock(of_community));
    set local synchronous_commit = off;          -- whoever heeds what is announced makes it durable with a commit of his own
    moment := wall_now() - interval '1 second';
    return least(moment, (select min(t.due) - interval '1 microsecond' from wall.timer t where t.due <= moment and t.community = of_community));
end $$;

-- After a long pause it goes on in stretches in which not too much happened. Refused: time has not gone on.
create function announce(k wall.counting) returns void language plpgsql as $$
declare
    moment timestamptz := least(quiet_moment(k.community), (
        select e.at from wall.event e where e.community = k.community and e.at > k.until order by e.at offset 5000 limit 1));
begin
    update wall.counting c set ahead = moment where c.community = k.community and c.until < moment;
    if not found then
        raise lock_not_available;
    end if;
end $$;

-- For the first time: all of the complaints so far, a batch at a time, and all as of one moment.
create function begin_sums(of_community text) returns void language plpgsql as $$
begin
    delete from wall.uncounted u where u.community = of_community;
    delete from wall.counted_sum s where s.community = of_community;
    if not found then
        insert into wall.counting select of_community, zone_of(of_community), m, m, '-infinity' from quiet_moment(of_community) as m;
    end if;
end $$;

create function fill_sums(k wall.counting, batch integer) returns void language plpgsql as $$
declare
    upto timestamptz := (select c.submitted from wall.complaint c
                         where c.community = k.community and c.submitted > k.filled and c.submitted <= k.until order by c.submitted offset batch limit 1);
begin
    perform add_to_sums(k.community, k.zone, array(
        select c.complaint from wall.complaint c
        where c.community = k.community and c.submitted > k.filled and c.submitted <= coalesce(upto, k.until)
          and not exists (select from wall.uncounted u where u.community = c.community and u.complaint = c.complaint)), k.until, '{}', k.until);
    update wall.counting c set filled = upto where c.community = k.community;
end $$;

create function bring_on(k wall.counting) returns void language plpgsql as $$
declare
    anew uuid[] := array(select u.complaint from wall.uncounted u where u.community = k.community);
    others uuid[] := array(select c from unnest(affected(k.community, k.until, k.ahead)) as c where c <> all(anew));
begin
    perform add_to_sums(k.community, k.zone, others || anew, k.ahead, others, k.until);
    delete from wall.uncounted u where u.community = k.community;
    update wall.counting c set until = k.ahead where c.community = k.community;
end $$;

-- One step for one community, announced and done in transactions of their own.
create function sum_up_one(of_community text, batch integer) returns boolean language plpgsql as $$
declare
    k wall.counting;
begin
    select * into k from wall.counting c where c.community = of_community for update;
    if k.community is null then
        perform begin_sums(of_community);
    elsif k.filled is not null then
        perform fill_sums(k, batch);
    elsif k.ahead > k.until then
        perform bring_on(k);
    else
        perform announce(k);
    end if;
    return true;
exception when lock_not_available then           -- nothing is held any more
    return false;
end $$;

-- Every few seconds where something has changed, so that whoever asks finds little that has; else once a minute, so that little has to be looked through.
create function wants_sums(k wall.counting, moment timestamptz) returns boolean language sql stable as $$
    select k.community is null or k.filled is not null or k.ahead > k.until or k.until < moment - interval '1 minute'
        or k.until < moment - interval '2 seconds' and affected(k.community, k.until, moment) <> '{}'
$$;

-- The clock's part. No row: there is nothing to do, or another server does it.
create function sum_up(batch integer, out community text) language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    moment timestamptz := wall_now();
    one record;
begin
    if not pg_try_advisory_xact_lock(311, 9) then
        return;
    end if;
    delete from wall.counting c using wall.community h             -- days of another zone, or a moment that the clock has not come from
    where h.community = c.community and (h.time_zone <> c.zone or c.until > moment + interval '1 hour');
    for one in
        select h.community from wall.community h left join wall.counting c using (community) where wants_sums(c, moment)
        order by c.filled is not null or c.ahead > c.until desc, c.until
    loop
        if sum_up_one(one.community, batch) then
            community := one.community;
            return;
        end if;
    end loop;
end $$;

-- What is summed up must be what the facts come to.
create function verify_sums(of_community text) returns table (what text, difference text) language plpgsql stable as $$
declare
    k wall.counting;
begin
    select * into k from wall.counting c where c.community = of_community and c.filled is null;
    return query
        select format('sum of %s%s, %s %s', s.figure, coalesce(' ' || nullif(s.part, ''), ''), s.span, concat_ws(' ', s.begins, nullif(s.by_what, ''), nullif(s.key, ''))),
               format('%s of %s are kept, but it comes to %s of %s', coalesce(s.numerators::text, 'nothing'), coalesce(s.denominators::text, 'nothing'),
                      coalesce(n.numerators::text, 'nothing'), coalesce(n.denominators::text, 'nothing'))
        from (select * from wall.counted_sum x where x.community = of_community and 0 <> any(x.numerators || x.denominators)) as s
        full join (select * from sums_of(of_community, k.zone, null, k.until, array(select u.complaint from wall.uncounted u where u.community = of_community), k.until)) as n
            using (by_what, span, begins, key, figure, part)
        where k.community is not null and (s.numerators is distinct from n.numerators or s.denominators is distinct from n.denominators);
end $$;
