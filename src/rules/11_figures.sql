-- Figures: how many of how many. Each comes with its numerator, its denominator and its formula, so that nobody need believe a percentage, and with
-- its cases. What counts is said in 11_counted.sql; here it is summed up, ranked and shown. A new figure is a row here and a branch there.

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
    ('followup_rate', 'percent', 'high', 'followed up within 72 h / answers whose 72 h have passed', 10),
    ('satisfaction', 'percent', 'high', 'rating >= 4 / rated', 11),
    ('contacted', 'percent', 'high', 'visits that found the department had been in touch / visits that reached somebody', 12),
    ('solved', 'percent', 'high', 'visits that found it solved / visits that reached somebody', 13),
    ('redo_rate', 'percent', 'low', 'answers that were sent back / answers', 14),
    ('return_rate', 'percent', null, 'returns / holdings by departments', 15),
    ('reopen_rate', 'percent', 'low', 'reopenings / closings', 16),
    ('repeat_rate', 'percent', 'low', 'another one of the same cluster was submitted in the 30 days before / all', 17),
    ('classification_accuracy', 'percent', null, 'suggested = final / decided: a person said the category, or it was answered under it', 18),
    ('demand_change', 'percent', null, '8 x submitted in the last 7 x 24 h of the period / submitted in the 8 weeks before them', 19),
    ('spam', 'cases', null, 'submitted in the period and rejected as spam: counted nowhere else', 20),
    ('repeats_avoided', 'cases', null, 'supports given from a suggestion + suggestions that answered it already, each text once a day', 21);

-- What a group contributes to a figure; `part` is empty, or names what stands beside the figure itself. Without a key it is of all together and of no group:
-- a day has no change of demand, and no category is cleared. Names that are sorted again and again are compared
-- byte by byte, as in counted_sum, and not as a language has it.
create type figure_sum as (figure text collate "C", part text collate "C", key text collate "C", numerator bigint, denominator bigint);

-- Percents have one decimal, half up: counted in tenths, which are integers. Nothing of nothing is no data. These are single expressions, so that they become
-- part of the query.
create function tenths(numerator bigint, denominator bigint) returns bigint language sql immutable as $$
    select case when denominator > 0 then (numerator * 2000 + denominator) / (denominator * 2) end
$$;

create function tenths_shown(tenths bigint) returns text language sql immutable as $$
    select (tenths / 10::float8)::text
$$;

create function percent(numerator bigint, denominator bigint) returns numeric language sql immutable as $$
    select tenths(numerator, denominator)::numeric * 0.1
$$;

create function wilson_bound(share float8, n float8, z float8 default 1.959964) returns bigint language sql immutable as $$
    select round(1000 * (share + z * z / (2 * n) - z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))) / (1 + z * z / n))::bigint
$$;

-- The lower bound of what the true share may be (Wilson, 95 %), in tenths of a percent: few ratings prove little. A department may have got more back than
-- it answered; more than all is all. The upper bound is what is left of the lower one of the rest.
create function wilson_tenths(numerator bigint, denominator bigint) returns bigint language sql immutable as $$
    select case when denominator > 0 then wilson_bound(least(numerator, denominator) / denominator::float8, denominator::float8) end
$$;

create function wilson(numerator bigint, denominator bigint) returns numeric language sql immutable as $$
    select wilson_tenths(numerator, denominator)::numeric * 0.1
$$;

-- The rows of the days that are taken.
create function taken_rows(of_community text, from_day date, to_day date, as_of timestamptz) returns wall.clearing[] language plpgsql stable as $$
begin
    return array(select r from wall.clearing r where r.community = of_community and r.day between from_day and to_day and r.cutoff < as_of);
end $$;

create function clearing_sums(rows wall.clearing[], by_what text) returns setof figure_sum language plpgsql stable as $$
begin
    return query
        with days as (
            select case when by_what is null then '' when by_what = 'department' then r.department::text when by_what = 'day' then r.day::text end as key,
                   count(*) filter (where r.cleared and not r.idle) as cleared, count(*) filter (where r.strictly_cleared and not r.idle) as strictly,
                   count(*) filter (where r.idle) as idle, count(*) filter (where not r.idle) as worked
            from unnest(rows) as r group by 1
        )
        select 'clearing_rate', p.part, d.key, p.number, d.worked
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

-- Counted; or, where now is meant, read from what is summed up (11_sums.sql), if it is.
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

create function longest_run(fine boolean[]) returns integer language plpgsql immutable as $$
declare
    run integer := 0;
    longest integer := 0;
    one boolean;
begin
    foreach one in array fine loop
        run := case when one then run + 1 else 0 end;
        longest := greatest(longest, run);
    end loop;
    return longest;
end $$;

-- The longest row of days with work on which each department was cleared; and (under '') all of them.
create function longest_streaks(rows wall.clearing[]) returns jsonb language plpgsql stable as $$
begin
    return (
        with worked as materialized (
            select r.department, r.day, r.cleared as fine from unnest(rows) as r where not r.idle
        ), runs as (
            select d.department, longest_run(array_agg(d.fine order by d.day)) as longest
            from (select * from worked union all select null, w.day, bool_and(w.fine) from worked w group by w.day) as d group by d.department
        )
        select coalesce(jsonb_object_agg(coalesce(r.department::text, ''), r.longest), '{}') from runs r);
end $$;

-- Objects are put together as text: a report has some six hundred of them, and jsonb would take apart and sort each one several times. Numbers become text
-- by a cast: joined as they are, an expression would not be immutable, and called for each row. A member behind others:
create function member(name text, shown text) returns text language sql immutable as $$
    select ', "' || name || '": ' || coalesce(shown, 'null')
$$;

create function members_of(object jsonb) returns text language sql immutable as $$
    select left(right(object::text, -1), -1)
$$;

create function share_members(numerator bigint, denominator bigint) returns text language sql immutable as $$
    select '"value": ' || coalesce(tenths_shown(tenths(numerator, denominator)), 'null') || member('numerator', numerator::text) || member('denominator', denominator::text)
$$;

create function share_json(numerator bigint, denominator bigint) returns text language sql immutable as $$
    select '{' || share_members(numerator, denominator) || '}'
$$;

-- ln(n!), by Stirling where that is exact enough.
create function ln_factorial(n bigint) returns double precision language plpgsql immutable as $$
begin
    if n < 50 then
        return (select coalesce(sum(ln(i)), 0) from generate_series(1, n) as i);
    end if;
    return n * ln(n::double precision) - n + ln(2 * pi() * n) / 2 + 1.0::double precision / (12 * n) - 1.0::double precision / (360 * n::double precision ^ 3);
end $$;

-- How unlikely so many or more are where so many were expected (Poisson). Summed up on the side where the chances fall; below what a number can hold
-- they are nothing.
create function poisson_tail(seen bigint, expected double precision) returns double precision language plpgsql immutable as $$
declare
    upward boolean := seen > expected;
    k bigint := case when upward then seen else seen - 1 end;
    term double precision;                       -- the logarithm of the chance of exactly k
    tail double precision := 0;
begin
    if seen <= 0 or expected <= 0 then
        return case when seen <= 0 then 1 else 0 end;
    end if;
    term := -expected + k * ln(expected) - ln_factorial(k);
    while k >= 0 and term > -700 loop
        tail := tail + exp(term);
        exit when exp(term) < tail * 1e-12;
        k := k + case when upward then 1 else -1 end;
        term := term + case when upward then ln(expected / k) else ln(greatest(k + 1, 1) / expected) end;
    end loop;
    return case when upward then least(tail, 1) else greatest(1 - tail, 0) end;
end $$;

create function demand_members(found bigint, before bigint) returns text language sql immutable as $$
    select '"value": ' || coalesce(tenths_shown(tenths(8 * found, before)), 'null') || member('numerator', found::text) || member('denominator', before::text)
           || member('expected', round(before / 8.0, 3)::text)
           || member('p', case when before > 0 then round(poisson_tail(found, before / 8.0)::numeric, 6) end::text)
$$;

-- What is left of one after another of those at risk.
create aggregate product(float8) (sfunc = float8mul, stype = float8, initcond = 1);

-- After how many seconds half of the cases, or nine in ten, had a reply (Kaplan and Meier): those that wait still are at risk until now, and
-- then leave without an end, and so do those withdrawn or merged, when they were. Parts are r<minutes>, o<minutes> and l<minutes>. Null: not so many have
-- one yet. `sums` are those of this figure.
create function waiting_of(sums figure_sum[], keys text[]) returns table (key text, shown text)
language plpgsql stable as $$
begin
    return query
        with step as (
            select s.key, substr(s.part, 2)::bigint as minutes, sum(s.numerator::float8) as replied, sum(s.denominator::float8) as leaving
            from unnest(sums) as s where left(s.part, 1) in ('r', 'l', 'o') group by 1, 2
        ), risk as (
            select t.*, sum(t.leaving) over (partition by t.key order by t.minutes desc rows unbounded preceding) as at_risk from step t
        ), curve as (
            select r.*, product(1 - r.replied / nullif(r.at_risk, 0)) over (partition by r.key order by r.minutes rows unbounded preceding) as waiting from risk r
        ), quantiles as (
            select c.key, 60 * min(c.minutes) filter (where c.waiting < 0.5 + 1e-9) as p50, 60 * min(c.minutes) filter (where c.waiting < 0.1 + 1e-9) as p90,
                   sum(c.replied)::bigint as replied, sum(c.leaving)::bigint as number
            from curve c group by c.key
        ), within as (
            select k.key, string_agg('"' || h.hours || '": ' || share_json(coalesce(w.numerator, 0), coalesce(w.denominator, 0)), ', ' order by h.hours) as shares
            from unnest(keys) as k (key) cross join unnest('{1,4,12,24,48,72}'::integer[]) as h (hours)
            left join (select s.key, s.part, sum(s.numerator)::bigint as numerator, sum(s.denominator)::bigint as denominator
                       from unnest(sums) as s where left(s.part, 1) = 'w' group by s.key, s.part) as w on w.key = k.key and w.part = 'within_' || h.hours
            group by k.key
        )
        select w.key, '"value": ' || coalesce(q.p50::text, 'null') || member('numerator', coalesce(q.replied, 0)::text)
                      || member('denominator', coalesce(q.number, 0)::text) || member('p50', q.p50::text) || member('p90', q.p90::text)
                      || ', "within": {' || w.shares || '}'
        from within w left join quantiles q using (key);
end $$;

-- As it may stand in the query of an address: codes of buildings are what people call them.
create function percent_encoded(given text) returns text language plpgsql immutable as $$
begin
    if given ~ '^[A-Za-z0-9._~-]*$' then
        return given;
    end if;
    return (select string_agg(case when x.sign ~ '[A-Za-z0-9._~-]' then x.sign
                                   else regexp_replace(upper(encode(convert_to(x.sign, 'UTF8'), 'hex')), '(..)', '%\1', 'g') end, '' order by x.position)
            from regexp_split_to_table(given, '') with ordinality as x (sign, position));
end $$;

-- What leads from the cases of all to those of a group; the one without a key is of what has no category or building.
create function group_asked(by_what text, key text) returns text language plpgsql immutable as $$
begin
    return case key when '' then '&without=' || by_what else '&' || by_what || '=' || percent_encoded(key) end;
end $$;

-- All figures of each group, or (`by_what` null) of all together; the groups are those of which there is more in the period than the demand of the weeks
-- before. One query for all of them. `asked` is what all figures of an answer share, `cases` the end of the address of a figure's cases.
create function figures_of(sums figure_sum[], by_what text, streaks jsonb, held bigint, asked jsonb, cases text) returns table (key text, figures text)
language plpgsql stable as $$
declare
    mine figure_sum[] := case when by_what is not null then sums
        else array(select row(s.figure, s.part, '', case s.figure when 'oldest' then max(s.numerator) else sum(s.numerator) end, sum(s.denominator))::figure_sum
                   from unnest(sums) as s group by s.figure, s.part) end;
    keys text[] := case when by_what is null then '{""}'
        else array(select s.key from unnest(mine) as s where s.figure <> 'demand_change' and s.key is not null group by s.key) end;
begin
    return query
        with grid as (                           -- with a row for what there is nothing of
            select s.key, s.figure, s.part, s.numerator, s.denominator, null as behind from unnest(mine) as s where s.key is not null
            union all
            select k.key, f.name, null, null, null, k.behind
            from (select x.key, cases || case when by_what is null then '' else group_asked(by_what, x.key) end as behind from unnest(keys) as x (key) offset 0) as k
            cross join figure f
        ), wide as (
            select g.key, g.figure, coalesce(case g.figure when 'oldest' then max(g.numerator) else sum(g.numerator) filter (where g.part = '') end, 0)::bigint as numerator,
                   coalesce(sum(g.denominator) filter (where g.part = ''), 0)::bigint as denominator, bool_or(g.part = '') as known,
                   coalesce(sum(g.numerator) filter (where g.part in ('matured', 'strict', 'supported', 'confirmed', 'breached')), 0)::bigint as part,
                   coalesce(sum(g.denominator) filter (where g.part in ('matured', 'strict', 'confirmed')), 0)::bigint as part_of,
                   coalesce(sum(g.numerator) filter (where g.part in ('idle', 'answered')), 0)::bigint as other, max(g.behind) as behind
            from grid g group by g.key, g.figure having bool_or(g.part is null)
        ), labelled as materialized (
            select f.*, members_of(asked || jsonb_build_object('unit', f.unit, 'formula', f.formula)) as label from figure f
        ), bounded as (
            select f.*, w.*, wilson_tenths(w.numerator, w.denominator) as lower_bound,
                   1000 - wilson_tenths(greatest(w.denominator - w.numerator, 0), w.denominator) as upper_bound, f.better is not null and w.denominator >= 10 as ranked
            from wide w join labelled f on f.name = w.figure
        ), ranked as (
            select b.*, case when b.ranked then
                       rank() over (partition by b.name, b.ranked order by case b.better when 'high' then 1000 - b.lower_bound else b.upper_bound end) end as rank
            from bounded b
        )
        select r.key, '{' || string_agg('"' || r.name || '": {'
               || case when r.name = 'time_to_reply' then t.shown
                       when r.name = 'demand_change' then demand_members(r.numerator, r.denominator)
                       when r.unit = 'percent' then share_members(r.numerator, r.denominator)
                           || member('lower_bound', tenths_shown(r.lower_bound)) || member('upper_bound', tenths_shown(r.upper_bound))
                       else '"value": ' || case when r.name <> 'oldest' or r.known then r.numerator::text else 'null' end
                           || member('numerator', r.numerator::text) || ', "denominator": null' end
               || case when cases is not null and by_what = 'department' then member('rank', r.rank::text) else '' end
               || case when cases is not null then ', "cases": "/v1/figures/' || r.name || r.behind || '"' else '' end
               || case r.name
                      when 'reply_rate' then member('matured', share_json(r.part, r.part_of))
                      when 'clearing_rate' then member('strict', share_json(r.part, r.part_of)) || member('idle', r.other::text) || member('longest_streak', case
                          when by_what is null or by_what = 'department' then coalesce(streaks->>r.key, '0') end)
                      when 'repeats_avoided' then member('supported', r.part::text) || member('answered', r.other::text)
                      when 'satisfaction' then member('n', r.denominator::text)
                      when 'repeat_rate' then member('confirmed', share_json(r.part, r.part_of))
                      when 'holder_time' then member('breached', r.part::text) || member('share', tenths_shown(tenths(r.numerator, held)))
                      else '' end || ', ' || r.label || '}', ', ' order by r.position) || '}'
        from ranked r
        left join waiting_of(array(select s from unnest(mine) as s where s.figure = 'time_to_reply'), keys) as t on t.key = r.key and r.name = 'time_to_reply'
        group by r.key;
end $$;

-- Who a group is: what stands before its figures, which are the longest of its members.
create function named_group(of_community text, by_what text, key text) returns jsonb language plpgsql stable as $$
begin
    return jsonb_build_object('key', nullif(key, '')) || case by_what
        when 'department' then coalesce((select jsonb_build_object('name', d.name, 'code', d.code) from wall.department d
                                         where d.community = of_community and d.department = key::uuid), '{"name": null}')
        when 'category' then jsonb_build_object('name', (select k.name from wall.category k where k.community = of_community and k.code = key))
        when 'building' then jsonb_build_object('name', coalesce((select b.name from wall.building b where b.community = of_community and b.code = key),
                                                                 nullif(key, '')))
        else jsonb_build_object('name', key) end;
end $$;

create function groups_of(of_community text, by_what text, sums figure_sum[], streaks jsonb, held bigint, asked jsonb, cases text) returns text
language plpgsql stable as $$
begin
    return (select '[' || coalesce(string_agg('{' || members_of(named_group(of_community, by_what, g.key)) || member('figures', g.figures) || '}', ', '
                                              order by g.key), '') || ']'
            from figures_of(sums, by_what, streaks, held, asked, cases) as g);
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

-- What is counted for those who watch the system; submissions are summed up by day, so that nobody counts all complaints again and again.
create function label(of_community text, name text, value text) returns text language sql immutable as $$
    select format('community="%s",%s="%s"', of_community, name, value)
$$;

create function submitted_by_category(of_community text) returns table (category text, submitted bigint) language plpgsql stable as $$
declare
    since timestamptz := (select settled_until from wall.community where community = of_community);
begin
    return query
        select s.category, sum(s.submitted)::bigint from (
            select n.category, n.submitted::bigint from wall.submission_count n where n.community = of_community
            union all
            select coalesce(e.data->>'category', ''), 1 from wall.event e where e.community = of_community and e.at > since and e.action = 'submit') as s
        group by s.category;
end $$;

create function metrics() returns table (name text, labels text, value numeric) language plpgsql stable security definer set search_path = wall, rules, pg_temp as $$
declare
    moment timestamptz := wall_now();
begin
    return query
        select 'echo_wall_complaints_submitted_total', label(h.community, 'category', coalesce(nullif(s.category, ''), 'none')), s.submitted::numeric
        from wall.community h cross join submitted_by_category(h.community) s;
    return query
        with held as (
            select d.community, d.code, count(c.complaint) as count, min(c.submitted) as oldest, count(*) filter (where c.overdue) as overdue
            from wall.department d left join wall.complaint c on c.community = d.community and c.department = d.department and c.turn = 'department'
            group by d.community, d.code
        )
        select m.name, label(h.community, 'department', h.code), m.value
        from held h cross join lateral (values
            ('echo_wall_unanswered', h.count::numeric), ('echo_wall_overdue', h.overdue::numeric),
            ('echo_wall_oldest_unanswered_seconds', coalesce(round(extract(epoch from moment - h.oldest), 3), 0))) as m (name, value);
    return query
        select 'echo_wall_cleared_days_total', label(r.community, 'department', d.code) || format(',result="%s"', r.result), count(*)::numeric
        from (select x.community, x.department, case when x.idle then 'idle' when x.cleared then 'cleared' else 'missed' end as result from wall.clearing x) as r
        join wall.department d on d.community = r.community and d.department = r.department group by r.community, d.code, r.result;
    return query
        select 'echo_wall_spam', format('community="%s"', h.community), (
            select count(*)::numeric from wall.complaint c where c.community = h.community and c.status = 'rejected' and c.result = 'spam')
        from wall.community h;
    return query
        select 'echo_wall_repeats_avoided_total', label(h.community, 'kind', k.kind), (
            select count(*)::numeric from wall.repeat_avoided a where a.community = h.community and a.kind = k.kind)
        from wall.community h cross join (values ('supported'), ('answered')) as k (kind);
    return query
        select 'echo_wall_outbox_pending', format('community="%s"', h.community), (
            select count(*)::numeric from wall.outbox o where o.community = h.community and o.sent is null)
            + (select count(*) from wall.delivery d where d.community = h.community and d.state = 'pending')
        from wall.community h;
    return query
        select 'echo_wall_deliveries_total', label(n.community, 'channel', n.kind) || format(',result="%s"', n.result), n.count::numeric
        from wall.delivery_count n;
    return query
        select 'echo_wall_dead_letters', label(d.community, 'channel', k.kind), count(*)::numeric
        from wall.delivery d join wall.hook k using (community, hook) where d.state = 'dead' group by d.community, k.kind;
end $$;
