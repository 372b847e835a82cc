-- Figures: how many of how many. Each comes with its numerator, its denominator and its formula, so that nobody need believe a percentage, and with
-- its cases. What counts is said in 11_counted.sql; here it is summed up, and answered as 11_figures_shown.sql puts it. A new figure is a row here and a
-- branch there.

-- `better`: where the department with more of it does better or worse; others are not ranked.
create table figure (name text primary key, unit text not null, better text, formula text not null, position integer not null);
insert into figure (name, unit, better, formula, position) values
    ('reply_rate', 'percent', 'high', 'first reply by as_of / all', 1),
    ('on_time_rate', 'percent', 'high', 'reply rounds met <= due / (met + unmet and due <= as_of)', 2),
    ('accept_rate', 'percent', 'high', 'accepted, replied or returned within the time to accept / holdings whose time has passed', 3),
    ('resolve_rate', 'percent', 'high', 'due in the period and met in time / due in the period', 4),
    ('clearing_rate', 'percent', 'high', 'cleared department-days / department-days with work', 5),
    ('backlog', 'cases', null, 'on the department''s turn at as_of', 6),
    ('oldest', 'seconds', null, 'greatest age of what is on the department''s turn at as_of', 7),
    ('time_to_reply', 'seconds', null, 'median from submission to first reply by Kaplan and Meier, those without one censored at as_of or when they were withdrawn or merged; up to 1 minute in 20, 5 in an hour, 15 in 4 hours, 30 in 12, an hour in a day, 3 hours in 3 days, a day beyond', 8),
    ('holder_time', 'seconds', null, 'of reply rounds that were breached, the time from their beginning to their due that lay with the department', 9),
    ('followup_rate', 'percent', 'high', 'followed up within 72 h / answers whose 72 h have passed, without those that were sent back before', 10),
    ('satisfaction', 'percent', 'high', 'rating >= 4 / rated', 11),
    ('contacted', 'percent', 'high', 'visits that found the department had been in touch / visits that reached somebody', 12),
    ('solved', 'percent', 'high', 'visits that found it solved / visits that reached somebody', 13),
    ('redo_rate', 'percent', 'low', 'redone or reopened / answers', 14),
    ('return_rate', 'percent', null, 'returns / holdings by departments', 15),
    ('reopen_rate', 'percent', 'low', 'reopenings / closings', 16),
    ('repeat_rate', 'percent', 'low', 'another one of the same cluster was submitted in the 30 days before / all', 17),
    ('classification_accuracy', 'percent', null, 'suggested = final / decided: a person said the category, or it was answered under it', 18),
    ('demand_change', 'percent', null, '8 x submitted in the last 7 x 24 h of the period / submitted in the 8 weeks before them', 19),
    ('spam', 'cases', null, 'submitted in the period and rejected as spam: counted nowhere else', 20),
    ('repeats_avoided', 'cases', null, 'supports given from a suggestion + suggestions that answered it already, each text once a day', 21);

-- What a group contributes to a figure; `part` is empty, or names what stands beside the figure itself. Without a key it is of all together and of no group:
-- a day has no change of demand, and no category is cleared. Names that are sorted again and again are compared byte by byte, as in counted_sum, and not
-- as a language has it.
create type figure_sum as (figure text collate "C", part text collate "C", key text collate "C", numerator bigint, denominator bigint);

-- The rows of the days that are taken.
create function taken_rows(of_community text, from_day date, to_day date, as_of timestamptz) returns wall.clearing[] language plpgsql stable as $$
begin
    return array(select r from wall.clearing r where r.community = of_community and r.day between from_day and to_day and r.cutoff < as_of);
end $$;

create function clearing_sums(rows wall.clearing[], by_what text) returns setof figure_sum language plpgsql stable as $$
begin
    return query
        with days as (
            select case when by_what = 'department' then r.department end as department, case when by_what = 'day' then r.day end as day,
                   count(*) filter (where r.cleared and not r.idle) as cleared, count(*) filter (where r.strictly_cleared and not r.idle) as strictly,
                   count(*) filter (where r.idle) as idle, count(*) filter (where not r.idle) as worked
            from unnest(rows) as r group by 1, 2
        )
        select 'clearing_rate', p.part, case when by_what is null then '' else coalesce(d.department::text, d.day::text) end, p.number, d.worked
        from days d cross join lateral (values ('', d.cleared), ('strict', d.strictly), ('idle', d.idle)) as p (part, number);
end $$;

-- All that counts in a period, or what counts for the wanted figure alone.
create function counted_in(of_community text, from_day date, to_day date, zone text, as_of timestamptz, coarse boolean, wanted text, under wall.policy default null)
returns setof counted language sql stable as $$
    select * from count_cohort(of_community, from_day::timestamp at time zone zone, end_of_day(to_day, zone), as_of, coarse, under)
    union all
    select * from count_resolved(of_community, from_day::timestamp at time zone zone, end_of_day(to_day, zone), as_of) where wanted is null or wanted = 'resolve_rate'
    union all
    select * from count_open(of_community, from_day::timestamp at time zone zone, end_of_day(to_day, zone), zone, as_of, coarse)
    where wanted is null or wanted in ('backlog', 'oldest', 'time_to_reply')
    union all
    select * from count_avoided(of_community, from_day::timestamp at time zone zone, end_of_day(to_day, zone), as_of) where wanted is null or wanted = 'repeats_avoided'
    union all
    select * from count_demand(of_community, least(end_of_day(to_day, zone), as_of), as_of) where wanted is null or wanted = 'demand_change'
$$;

-- The group of one kind to which something counts. Not called immutable, which the text of a day is not: it would be called for each row instead of becoming
-- part of the query.
create function key_of(by_what text, department uuid, category text, building text, day date) returns text language sql stable as $$
    select case by_what when 'department' then department::text when 'category' then coalesce(category, '') when 'building' then coalesce(building, '')
                        when 'day' then day::text else '' end
$$;

-- Sums by group, but for the clearing. Everything is planned for the period at hand: its complaints are found by index, or all are read, as suits it.
create function counted_sums(of_community text, from_day date, to_day date, as_of timestamptz, coarse boolean, by_what text, under wall.policy default null)
returns setof figure_sum language plpgsql stable set plan_cache_mode = force_custom_plan set work_mem = '64MB' as $$
declare
    zone text := zone_of(of_community);
begin
    return query
        select k.figure, k.part, case when k.figure <> 'demand_change' or by_what is distinct from 'day' then
                                     key_of(by_what, k.department, k.category, k.building, (k.moment at time zone zone)::date) end,
               case k.figure when 'oldest' then max(k.numerator) else sum(k.numerator)::bigint end, sum(k.denominator)::bigint
        from counted_in(of_community, from_day, to_day, zone, as_of, coarse, null, under) as k
        group by 1, 2, 3;
end $$;

-- What comes to nothing of nothing makes no group.
create function is_something(s figure_sum) returns boolean language sql immutable as $$
    select s.numerator <> 0 or s.denominator <> 0 or s.figure = 'oldest'
$$;

-- Counted; or, where now is meant, read from what is summed up (11_sums_read.sql), if it is.
create function figure_sums(of_community text, from_day date, to_day date, as_of timestamptz, coarse boolean, live boolean, by_what text) returns figure_sum[]
language plpgsql stable as $$
declare
    k wall.counting := case when live then sums_for(of_community, as_of) end;
begin
    if k.community is not null then
        return sums_by_now(k, from_day, to_day, as_of, by_what);
    end if;
    return array(select s from counted_sums(of_community, from_day, to_day, as_of, coarse, by_what) as s where is_something(s));
end $$;

-- The longest row of days with work on which each department was cleared; and (under '') all of them.
create function longest_streaks(rows wall.clearing[]) returns jsonb language plpgsql stable as $$
begin
    return (
        with worked as materialized (
            select r.department, r.day, r.cleared as fine from unnest(rows) as r where not r.idle
        ), runs as (
            select d.department, string_agg(case when d.fine then '+' else ' ' end, '' order by d.day) as days
            from (select * from worked union all select null, w.day, bool_and(w.fine) from worked w group by w.day) as d group by d.department
        )
        select coalesce(jsonb_object_agg(coalesce(r.department::text, ''), (select max(length(x)) from string_to_table(r.days, ' ') as x)), '{}') from runs r);
end $$;

-- The period and the moment that are asked about: the days from the one to the other, both included, without them the last thirty days; now, or as it
-- was then.
create function figure_period(of_community text, from_day date, to_day date, moment timestamptz, out since date, out until date, out as_of timestamptz)
language plpgsql stable as $$
declare
    now timestamptz := wall_now();
begin
    as_of := coalesce(moment, now);
    until := coalesce(to_day, greatest((as_of at time zone zone_of(of_community))::date, from_day));
    since := coalesce(from_day, until - 29);
    if since > until then
        perform refuse_field('/from', 'is after to');
    end if;
    if as_of > now then
        perform refuse_field('/as_of', 'is in the future');
    end if;
end $$;

create function is_staff(who caller) returns boolean language sql immutable as $$
    select coalesce(who.role in ('officer', 'dispatcher', 'visitor', 'supervisor', 'admin'), false)
$$;

-- Only sums leave this function.
create function figures(of_community text, from_day date, to_day date, by_what text, as_of timestamptz default null, who caller default null, out body text)
language plpgsql stable security definer set search_path = wall, rules, pg_temp as $$
declare
    p record;
    days wall.clearing[];
    sums figure_sum[];
    streaks jsonb;
    held bigint;
    asked jsonb;
    cases text;
begin
    if zone_of(of_community) is null then
        return;
    end if;
    select * into p from figure_period(of_community, from_day, to_day, as_of);
    days := taken_rows(of_community, p.since, p.until, p.as_of);
    sums := figure_sums(of_community, p.since, p.until, p.as_of, as_of is not null and not is_staff(who), as_of is null, by_what)
        || array(select s::figure_sum from clearing_sums(days, by_what) s);
    streaks := longest_streaks(days);
    asked := jsonb_build_object('as_of', instant(p.as_of), 'policy', (policy_at(of_community, p.as_of)).version);
    cases := format('/cases?from=%s&to=%s', p.since, p.until) || coalesce('&as_of=' || instant(as_of), '');
    held := (select sum(s.numerator) from unnest(sums) as s where s.figure = 'holder_time' and s.part = '');
    body := '{' || members_of(jsonb_build_object('from', p.since, 'to', p.until, 'as_of', instant(p.as_of))
                              || case when by_what is null then '{}' else jsonb_build_object('by', by_what) end);
    if by_what is not null then
        body := body || member('groups', groups_of(of_community, by_what, sums, streaks, held, asked, cases));
    end if;
    body := body || member('figures', (select f.figures from figures_of(sums, null, streaks, held, asked, cases) as f)) || '}';
end $$;

-- The cases of a figure, the newest first: what everybody may read to everybody, to staff what they may see; the others are counted. `missing`: in the
-- denominator and not in the numerator.
create function figure_cases(of_community text, of_figure text, from_day date, to_day date, as_of timestamptz, coarse boolean)
returns table (complaint uuid, department uuid, category text, building text, day date, numerator bigint, denominator bigint)
language plpgsql stable set plan_cache_mode = force_custom_plan set work_mem = '64MB' as $$
declare
    zone text := zone_of(of_community);
begin
    return query
        select k.complaint, k.department, k.category, k.building, (k.moment at time zone zone)::date, sum(k.numerator)::bigint, sum(k.denominator)::bigint
        from (select * from counted_in(of_community, from_day, to_day, zone, as_of, coarse, of_figure)
              union all select * from count_uncleared(of_community, from_day, to_day, as_of) where of_figure = 'clearing_rate') as k
        where k.figure = of_figure and (k.part = '' or of_figure = 'time_to_reply' and left(k.part, 1) in ('r', 'l', 'o'))
        group by 1, 2, 3, 4, 5;
end $$;

create function list_figure_cases(of_community text, of_figure text, part text, asked jsonb, who caller, size integer, after_key timestamptz, after_id uuid) returns page
language plpgsql stable security definer set search_path = wall, rules, pg_temp as $$
declare
    p record;
    listed record;
    shown page;
begin
    perform from figure f where f.name = of_figure;
    if not found then
        return null;
    end if;
    select * into p from figure_period(of_community, (asked->>'from')::date, (asked->>'to')::date, (asked->>'as_of')::timestamptz);
    with chosen as materialized (
        select k.complaint from figure_cases(of_community, of_figure, p.since, p.until, p.as_of, asked->>'as_of' is not null and not is_staff(who)) k
        where (asked->>'department' is null or k.department = (asked->>'department')::uuid) and (asked->>'category' is null or k.category = asked->>'category')
          and (asked->>'building' is null or k.building = asked->>'building') and (asked->>'day' is null or k.day = (asked->>'day')::date)
          and case asked->>'without' when 'category' then k.category is null when 'building' then k.building is null else true end
        group by k.complaint
        having case part when 'numerator' then sum(k.numerator) > 0 when 'missing' then sum(k.denominator) > sum(k.numerator)
                         else coalesce(sum(k.denominator), sum(k.numerator)) > 0 end
    ), visible as materialized (
        select c.submitted, c.complaint, c.entry from chosen k join wall.complaint c on c.community = of_community and c.complaint = k.complaint
        where c.publication = 'published' and c.visibility = 'public' or is_staff(who) and relations(c, who) <> '{}'
    )
    select page_of(array_agg(v.submitted::text order by v.submitted desc, v.complaint desc), array_agg(v.complaint order by v.submitted desc, v.complaint desc),
                   array_agg(v.entry order by v.submitted desc, v.complaint desc), size) as page,
           (select count(*) from chosen) as number, (select count(*) from visible) as kept
    into listed
    from (select * from visible x where (x.submitted, x.complaint) < (coalesce(after_key, 'infinity'), coalesce(after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
          order by x.submitted desc, x.complaint desc limit size + 1) as v;
    shown := listed.page;
    shown.body := left(shown.body, -1) || format(',"count":%s,"unpublished":%s}', listed.number, listed.number - listed.kept);
    return shown;
end $$;
