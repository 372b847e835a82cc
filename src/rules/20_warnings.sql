-- Early warning (预警): once an hour, places - a category, a building, or both together - where more came in than is usual there: in the last hours, the last
-- day, the last week (`warning_stretches`), against the mean of the same stretch one to eight weeks before. What is found is a fact, with its evidence.
-- The list `concentrated` counts with the same functions, under thresholds of its own (18_screening.sql): looking is cheap, being told is not.

-- What is unusual at a moment. An empty category or building: all of them. `latest`: the hour in which the last one came.
create type unusual as (category text, building text, stretch interval, count integer, before integer, probability double precision, latest timestamptz);

-- The same with its evidence.
create type burst as (place unusual, complaints uuid[], reporters integer);

-- What came in by the hour, each complaint three times: under its category, its building, and both.
create function hours_counted(of_community text, since timestamptz, until timestamptz) returns table (hour timestamptz, category text, building text, submitted bigint)
language sql stable as $$
    select date_trunc('hour', c.submitted, 'UTC'), k.category, k.building, count(*)
    from wall.complaint c cross join lateral (values (c.category, ''), ('', c.building), (c.category, c.building)) as k (category, building)
    where c.community = of_community and c.submitted >= since and c.submitted < until and is_counted(c)
      and k.category is not null and k.building is not null
    group by 1, 2, 3
$$;

-- By then people have said what category it is, and whether it is spam; what they say later changes no sum.
create function hours_settle() returns interval language sql immutable as $$
    select interval '48 hours'
$$;

-- The longest stretch, and eight weeks.
create function hours_kept() returns interval language sql immutable as $$
    select interval '1512 hours'
$$;

-- Before, the sums; since then, what is there. `looked`: the hour up to which the sums are kept.
create function hours_until(of_community text, looked timestamptz, until timestamptz) returns table (hour timestamptz, category text, building text, submitted bigint)
language sql stable as $$
    select h.hour, h.category, h.building, h.submitted::bigint from wall.submission_hour h
    where h.community = of_community and h.hour >= until - hours_kept() and h.hour < looked - hours_settle()
    union all
    select * from hours_counted(of_community, looked - hours_settle(), until)
$$;

-- Whether it counted before a moment: neither withdrawn nor rejected as unfit.
create function was_counted(of_community text, of_complaint uuid, until timestamptz) returns boolean language plpgsql stable as $$
begin
    return (
        select e.status <> 'withdrawn' and not (e.status = 'rejected' and coalesce((
            select r.data->>'reason' in ('spam', 'abusive') from wall.event r
            where r.community = of_community and r.complaint = of_complaint and r.at < until and r.action = 'reject' order by r.seq desc limit 1), false))
        from wall.event e where e.community = of_community and e.complaint = of_complaint and e.at < until order by e.seq desc limit 1);
end $$;

-- The hours that are old enough, each as it stood when it had settled: whoever counts them later comes to the same.
create function hours_then(of_community text, since timestamptz, until timestamptz) returns table (hour timestamptz, category text, building text, submitted bigint)
language sql stable as $$
    select h.hour, k.category, k.building, count(*)
    from wall.complaint c
    cross join lateral (select x as hour, x + hours_settle() as settled from date_trunc('hour', c.submitted, 'UTC') as x) as h
    cross join lateral (
        select c.category where c.last < h.settled and is_counted(c)
        union all
        select category_then(c.community, c.complaint, h.settled - interval '1 microsecond')
        where c.last >= h.settled and was_counted(c.community, c.complaint, h.settled)) as t
    cross join lateral (values (t.category, ''), ('', c.building), (t.category, c.building)) as k (category, building)
    where c.community = of_community and c.submitted >= since and c.submitted < until and k.category is not null and k.building is not null
    group by h.hour, k.category, k.building
$$;

create function sum_hours(of_community text, looked timestamptz, hour timestamptz) returns void language sql as $$
    insert into wall.submission_hour
    select of_community, k.hour, k.category, k.building, k.submitted
    from hours_then(of_community, greatest(looked - hours_settle(), sum_hours.hour - hours_kept()), sum_hours.hour - hours_settle()) k
    order by k.hour;                             -- as they will be read
    delete from wall.submission_hour h where h.community = of_community and h.hour < sum_hours.hour - hours_kept()
$$;

-- The sums that still count are all there are, and what the facts come to.
create function verify_hours(of_community text) returns table (what text, difference text) language plpgsql stable as $$
declare
    looked timestamptz := (select l.hour from wall.warning_look l where l.community = of_community and isfinite(l.hour));
    since timestamptz := greatest(looked, date_trunc('hour', wall_now(), 'UTC')) - hours_kept();
begin
    return query
        select format('hour %s, category %s, building %s', instant(hour), coalesce(nullif(category, ''), 'all'), coalesce(nullif(building, ''), 'all')),
               format('%s submissions are kept, but it comes to %s', coalesce(h.submitted, 0), coalesce(n.submitted, 0))
        from (select * from wall.submission_hour x where x.community = of_community and x.hour >= since) as h
        full join hours_then(of_community, since, looked - hours_settle()) n using (hour, category, building)
        where h.submitted is distinct from n.submitted;
end $$;

-- How unlikely so many are by chance where `before` came in eight weeks (Poisson). Of a place where nothing ever came nothing is known; one in eight weeks is assumed.
create function chance_of_burst(count bigint, before bigint) returns double precision language sql immutable as $$
    select poisson_tail(count, greatest(before, 1) / 8.0)
$$;

-- Since when something could come in: before, nothing is no number to compare with.
create function began_of(of_community text) returns timestamptz language plpgsql stable as $$
begin
    return least((select h.created from wall.community h where h.community = of_community),
                 (select c.submitted from wall.complaint c where c.community = of_community order by c.submitted limit 1));
end $$;

-- So many or more in a stretch that ends at a full hour, so that chance is less likely than `below`.
create function unusual_at(of_community text, until timestamptz, stretches interval[], count_from integer, below double precision) returns setof unusual
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
declare
    looked timestamptz := (select l.hour from wall.warning_look l where l.community = of_community);
    began timestamptz := began_of(of_community);
begin
    if looked is null or looked = '-infinity' then
        return;
    end if;
    return query
        with aged as materialized (              -- so many hours before the last one; materialized, so that it is reckoned once
            select h.category, h.building, h.submitted, (date_part('epoch', until - h.hour) / 3600)::integer - 1 as age
            from hours_until(of_community, looked, until) h
        ), counted as (
            select a.category, a.building, s.stretch, sum(a.submitted) filter (where a.age < 168)::integer as count,
                   coalesce(sum(a.submitted) filter (where a.age >= 168), 0)::integer as before,
                   until - (min(a.age) + 1) * interval '1 hour' as latest
            from (select x as stretch, (extract(epoch from x) / 3600)::integer as hours from unnest(stretches) as x
                  where until - x - interval '1344 hours' >= began) as s
            join aged a on a.age % 168 < s.hours and a.age < 1512
            group by a.category, a.building, s.stretch
        )
        select k.category, k.building, k.stretch, k.count, k.before, chance_of_burst(k.count, k.before), k.latest
        from counted k where k.count >= count_from and k.count > k.before / 8.0 and chance_of_burst(k.count, k.before) < below;
end $$;

-- The counts of the eight weeks before, the last one first.
create function weeks_before(of_community text, u unusual, until timestamptz) returns integer[] language plpgsql stable as $$
begin
    return array(
        select coalesce((select sum(h.submitted) from wall.submission_hour h
                         where h.community = of_community and h.category = u.category and h.building = u.building
                           and h.hour >= until - w * interval '168 hours' - u.stretch and h.hour < until - w * interval '168 hours'), 0)::integer
        from generate_series(1, 8) as w order by w);
end $$;

-- With what came in, and by how many people. A burst of fewer is none: somebody who writes five times is no burst.
create function bursts_of(of_community text, until timestamptz, places unusual[], reporters_from integer) returns setof burst
language plpgsql stable as $$
begin
    return query
        select u, k.complaints, r.reporters
        from unnest(places) as u
        cross join lateral (
            select array(select c.complaint from wall.complaint c
                         where c.community = of_community and c.submitted >= until - u.stretch and c.submitted < until and is_counted(c)
                           and u.category in ('', c.category) and u.building in ('', c.building)
                         order by c.submitted, c.complaint) as complaints offset 0) as k
        cross join lateral (select reporters_of(of_community, k.complaints) as reporters offset 0) as r
        where r.reporters >= reporters_from;
end $$;

-- What is left of a category or a building without those of its places that are unusual themselves is not: then one warning says it all.
create function is_explained(b burst, others burst[], p wall.policy) returns boolean language plpgsql immutable as $$
declare
    u unusual := b.place;
    within record;
begin
    if u.category <> '' and u.building <> '' then
        return false;
    end if;
    select coalesce(sum((o.place).count), 0) as count, coalesce(sum((o.place).before), 0) as before into within
    from unnest(others) as o
    where (o.place).stretch = u.stretch and (o.place).category <> '' and (o.place).building <> '' and u.category in ('', (o.place).category)
      and u.building in ('', (o.place).building);
    return within.count > 0 and (u.count - within.count < p.warning_from
                                 or chance_of_burst(u.count - within.count, greatest(u.before - within.before, 0)) >= p.warning_p);
end $$;

-- What there is to warn of: of each place the stretch that is least likely by chance.
create function bursts_at(of_community text, until timestamptz, p wall.policy) returns setof burst language plpgsql stable as $$
declare
    bursts burst[];
begin
    bursts := array(select b from bursts_of(of_community, until, array(
        select u from unusual_at(of_community, until, p.warning_stretches, p.warning_from, p.warning_p) u), p.warning_from) b);
    return query
        select distinct on ((b.place).category, (b.place).building) b.*
        from unnest(bursts) as b where not is_explained(b, bursts, p)
        order by (b.place).category, (b.place).building, (b.place).probability, (b.place).stretch;
end $$;

-- The warning that this burst continues: as long as what it warned of is not older than a week, there is no other one of its place.
create function warning_of(of_community text, u unusual, moment timestamptz) returns wall.warning_sign language plpgsql stable as $$
declare
    last wall.warning_sign;
begin
    select s.* into last from wall.warning w join wall.warning_sign s using (community, warning)
    where w.community = of_community and w.category = u.category and w.building = u.building
    order by w.at desc, w.warning desc, s.seq desc limit 1;
    return case when last.at > moment - interval '168 hours' then last end;
end $$;

create function tell_warning(of_community text, u unusual, s wall.warning_sign, grown boolean) returns void language sql as $$
    insert into wall.outbox (community, at, channel, event, audience, payload, due)
    select of_community, s.at, 'file', case when grown then 'warning_grown' else 'warning' end, audience,
           jsonb_build_object('warning', s.warning, 'category', nullif(u.category, ''), 'building', nullif(u.building, ''), 'count', s.count,
                              'hours', (extract(epoch from s.stretch) / 3600)::integer, 'expected', round(u.before / 8.0, 1)::text), s.at
    from unnest('{supervisor,dispatchers}'::text[]) as audience
$$;

-- A burst is told when it is noticed, and again when it is twice as large as what was told last. Beside that it is noted once a day, if more have come.
create function note_burst(of_community text, b burst, moment timestamptz, p wall.policy) returns void language plpgsql as $$
declare
    u unusual := b.place;
    last wall.warning_sign := warning_of(of_community, u, moment);
    s wall.warning_sign;
    fresh uuid[] := array(select x from unnest(b.complaints) as x where not exists (
        select from wall.warning_complaint k where k.community = of_community and k.warning = last.warning and k.complaint = x));
    told_last integer := (select x.complaints from wall.warning_sign x where x.community = of_community and x.warning = last.warning and x.told
                          order by x.seq desc limit 1);
begin
    s := row(of_community, coalesce(last.warning, made_id(moment)), coalesce(last.seq, 0) + 1, moment, u.stretch, u.count, b.reporters,
             weeks_before(of_community, u, moment), u.probability, p.version, coalesce(last.complaints, 0) + cardinality(fresh), true);
    s.told := last.warning is null or s.complaints >= 2 * told_last;
    if not s.told and (fresh = '{}' or last.at > moment - interval '24 hours') then
        return;
    end if;
    if last.warning is null then
        insert into wall.warning values (of_community, s.warning, moment, u.category, u.building);
    end if;
    insert into wall.warning_sign values (s.*);
    insert into wall.warning_complaint select of_community, s.warning, x, s.seq from unnest(fresh) as x;
    if s.told then
        perform tell_warning(of_community, u, s, last.warning is not null);
    end if;
end $$;

-- One community that was not looked at since the present hour began. Which one it was; null: there is none. A warning bears the hour as its moment; what
-- stopped for some hours looks once, at the present one, and two daemons find it done. Where there is more to sum up, a week at a time comes before.
create function look_out(out looked text) language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    present timestamptz := date_trunc('hour', wall_now(), 'UTC');
    l wall.warning_look;
    upto timestamptz;
begin
    insert into wall.warning_look select h.community, '-infinity' from wall.community h
    where not exists (select from wall.warning_look x where x.community = h.community) on conflict do nothing;
    select * into l from wall.warning_look x where x.hour < present order by x.hour, x.community limit 1 for update skip locked;
    if l.community is null then
        return;
    end if;
    l.hour := greatest(l.hour, present - hours_kept() + hours_settle());
    upto := least(present, l.hour + interval '168 hours');
    perform sum_hours(l.community, l.hour, upto);
    update wall.warning_look x set hour = upto where x.community = l.community;
    if upto = present then
        perform note_burst(l.community, b, present, p)
        from policy_at(l.community, present) as p cross join lateral bursts_at(l.community, present, p) as b;
    end if;
    looked := l.community;
end $$;

-- Showing them

-- Staff are shown what they may see of what came in, the panel what everybody may read.
create function is_shown_to(c wall.complaint, who caller) returns boolean language sql stable as $$
    select c.publication = 'published' and c.visibility = 'public' or is_staff(who) and relations(c, who) <> '{}'
$$;

create function sign_json(s wall.warning_sign) returns json language sql stable as $$
    select json_build_object('at', instant(s.at), 'hours', (extract(epoch from s.stretch) / 3600)::integer, 'count', s.count, 'reporters', s.reporters,
                             'expected', (select round(sum(w) / 8.0, 3) from unnest(s.weeks) as w), 'weeks', s.weeks, 'probability', s.probability,
                             'policy', s.policy, 'complaints', s.complaints)
$$;

create function warning_json(w wall.warning, who caller) returns text language plpgsql stable as $$
begin
    return (
        select json_build_object(
            'id', w.warning, 'at', instant(w.at), 'rule', 'unusual', 'category', nullif(w.category, ''), 'building', nullif(w.building, ''),
            'latest', sign_json((array_agg(s order by s.seq desc))[1]), 'signs', json_agg(sign_json(s) order by s.seq),
            'cases', '/v1/warnings/' || w.warning || '/cases', 'complaints', (
                select json_list(string_agg(k.entry, ','))::json from (
                    select c.entry from wall.warning_complaint x join wall.complaint c using (community, complaint)
                    where x.community = w.community and x.warning = w.warning and is_shown_to(c, who)
                    order by c.submitted desc, c.complaint desc limit 20) as k))::text
        from wall.warning_sign s where s.community = w.community and s.warning = w.warning);
end $$;

-- Whose it is: a department's is what is of its categories, or among which there is one of its cases.
create function warns(w wall.warning, who caller) returns boolean language plpgsql stable as $$
begin
    return who.role <> 'officer'
        or exists (select from wall.category k where k.community = w.community and k.code = w.category and k.department = who.office)
        or exists (select from wall.warning_complaint x join wall.complaint c using (community, complaint)
                   where x.community = w.community and x.warning = w.warning and c.department = who.office);
end $$;

-- Newest first.
create function list_warnings(of_community text, who caller, of_category text, of_building text, since timestamptz, size integer, after_key timestamptz,
                              after_id uuid) returns page
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
begin
    perform know_panel(of_community, who);
    return (select page_of(array_agg(k.at::text), array_agg(k.warning), array_agg(warning_json(k.w, who)), size) from (
        select w.at, w.warning, w from wall.warning w
        where w.community = of_community and (of_category is null or w.category = of_category) and (of_building is null or w.building = of_building)
          and (list_warnings.since is null or w.at >= list_warnings.since) and warns(w, who)
          and (w.at, w.warning) < (coalesce(after_key, 'infinity'), coalesce(after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
        order by w.at desc, w.warning desc limit size + 1) as k);
end $$;

-- What came in with a warning, newest first. Null: there is no such warning for this caller.
create function list_warned(of_community text, of_warning uuid, who caller, size integer, after_key timestamptz, after_id uuid) returns page
language plpgsql stable as $$
begin
    perform know_panel(of_community, who);
    perform from wall.warning w where w.community = of_community and w.warning = of_warning and warns(w, who);
    if not found then
        return null;
    end if;
    return (select page_of(array_agg(k.submitted::text), array_agg(k.complaint), array_agg(k.entry), size) from (
        select c.submitted, c.complaint, c.entry from wall.warning_complaint x join wall.complaint c using (community, complaint)
        where x.community = of_community and x.warning = of_warning and is_shown_to(c, who)
          and (c.submitted, c.complaint) < (coalesce(after_key, 'infinity'), coalesce(after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
        order by c.submitted desc, c.complaint desc limit size + 1) as k);
end $$;
