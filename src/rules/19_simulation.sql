-- The policy time machine: what the facts of the last days come to under another policy, beside what they come to under those that held. Nothing is
-- written. It replays what was done, not what people would have done: who knows of another cutoff works by it. What another policy would not have let
-- is not counted; what it would have let and nobody did is in no fact.

-- Every setting of a policy, and what it changes here: `figures` (11_counted.sql), `clearing`, `missed_days`, `routing`, or a supervision list. Of one that
-- changes nothing, why. A new column of the policy needs its row; a test walks over them all.
create table setting (name text primary key, changes text[] not null default '{}', unchanged text);
insert into setting (name, changes) values
    ('reply', '{figures,overdue,stuck}'), ('accept', '{figures}'), ('dispatch', '{clearing}'), ('return_window', '{figures,clearing}'), ('max_returns', '{figures}'),
    ('lapse', '{figures}'), ('reopen', '{figures}'), ('max_reopens', '{figures}'), ('rating', '{figures}'), ('followup_scored', '{figures}'),
    ('cutoff', '{clearing,hollow}'), ('grace', '{clearing}'), ('missed_days', '{missed_days}'), ('confident', '{routing}'),
    ('repeated_within', '{repeated}'), ('repeated_from', '{repeated}'), ('repeated_redos', '{repeated}'),
    ('concentrated_within', '{concentrated}'), ('concentrated_from', '{concentrated}'), ('concentrated_p', '{concentrated}'),
    ('stuck_redos', '{stuck}'), ('stuck_departments', '{stuck}'), ('stuck_returns', '{stuck}'), ('stuck_open', '{stuck}'), ('stuck_late', '{stuck}'),
    ('ledger_changes', '{ledgered}'),
    ('hollow_within', '{hollow}'), ('hollow_uses', '{hollow}'), ('hollow_length', '{hollow}'), ('hollow_last', '{hollow}'), ('hollow_bunch', '{hollow}');
insert into setting (name, unchanged)
select name, 'as_happened' from unnest('{need_info,max_asks,max_interims,promise_days,object,ledger_days,vote,vote_share,guard,guard_length,similar_from,
    posted_from,similar_within,cluster_from,cluster_within}'::text[]) as name
union all
select name, 'not_counted' from unnest('{urge,followup,night_from,night_until,visit_from,quiet_from,quiet_until,ladder,ladder_to,urgent_ladder,urgent_ladder_to,
    digest,claim,max_claims,claim_confirm,publication,reviewed,urgent_words,retention,reveal,proof_of_work,
    warning_stretches,warning_from,warning_p,monthly_from,monthly_size,drawn_a_day}'::text[]) as name;

create table unchanged (code text primary key, text text not null, text_en text not null);
insert into unchanged values
    ('as_happened', '当时允许的事和由此发生的事保持原样，换一种政策会怎样，事实中没有记载',
     'What it let people do, and what followed, stays as it happened: how it would have gone is in no fact'),
    ('not_counted', '没有哪项指标、清单依据它计算', 'No figure and no list counts what it decides');

create function is_changed(given jsonb, what text) returns boolean language sql stable as $$
    select exists (select from setting s where given ? s.name and what = any(s.changes))
$$;

create function without_effect(given jsonb) returns jsonb language sql stable as $$
    select coalesce(jsonb_agg(jsonb_build_object('setting', s.name, 'reason', u.code, 'text', u.text, 'text_en', u.text_en) order by s.name), '[]')
    from setting s join unchanged u on u.code = s.unchanged where given ? s.name
$$;

-- A policy of which only what is to be otherwise is set; the rest stays each complaint's and each day's own. Its version is 0.
create function supposed_policy(given jsonb) returns wall.policy language sql stable as $$
    select jsonb_populate_record(null::wall.policy, given || '{"version": 0}')
$$;

create function difference_json(was numeric, would numeric) returns jsonb language sql immutable as $$
    select jsonb_build_object('was', was, 'would_be', would, 'difference', would - was)
$$;

-- Days

-- A taken day keeps the zone and the version that it was taken with; what is not over under the other cutoff has not been a day yet.
create function supposed_bounds(of_community text, of_day date, under wall.policy) returns day_bounds language plpgsql stable as $$
declare
    d day_bounds := bounds_taken(of_community, of_day);
begin
    if d.day is null then
        d := bounds_of(of_community, of_day);
    end if;
    if under.cutoff is not null then
        d.began := cutoff_at(of_day - 1, under.cutoff, coalesce((bounds_taken(of_community, of_day - 1)).zone, d.zone));
        d.cutoff := cutoff_at(of_day, under.cutoff, d.zone);
    end if;
    d.grace := d.cutoff - coalesce(under.grace, (policy_of(of_community, d.policy)).grace);
    return d;
end $$;

-- What a day under other bounds concerns: what was open when the last day ended that was over by its beginning, and whatever happened since.
create function candidates_since(of_community text, began timestamptz, cutoff timestamptz) returns uuid[] language plpgsql stable as $$
declare
    taken record;
begin
    select r.day, r.cutoff as ended into taken from wall.clearing r where r.community = of_community and r.cutoff <= candidates_since.began order by r.day desc limit 1;
    return array(select k.complaint from wall.clearing_case k where k.community = of_community and k.day = taken.day
                 union select e.complaint from wall.event e
                 where e.community = of_community and e.at <= candidates_since.cutoff and e.at > coalesce(taken.ended, '-infinity'));
end $$;

create function supposed_rows(of_community text, of_day date, as_of timestamptz, under wall.policy) returns setof wall.clearing language plpgsql stable as $$
declare
    d day_bounds := supposed_bounds(of_community, of_day, under);
    candidates uuid[];
begin
    if d.cutoff >= as_of then
        return;
    end if;
    candidates := candidates_since(of_community, d.began, d.cutoff);
    return query select * from clearing_rows(of_community, d, candidates, open_cases(of_community, d, candidates, under));
end $$;

create function supposed_days(of_community text, from_day date, to_day date, as_of timestamptz, under wall.policy) returns wall.clearing[] language plpgsql stable as $$
declare
    first date := coalesce((select min(r.day) from wall.clearing r where r.community = of_community), first_day(of_community));
begin
    return array(
        select r::wall.clearing from generate_series(greatest(from_day, first), to_day, '1 day') as t (day)
        cross join lateral supposed_rows(of_community, t.day::date, as_of, under) as r);
end $$;

-- How often a department missed so many of its working days in a row that a supervision case opens: each row of such days counts once.
create function missed_rows(rows wall.clearing[], under wall.policy) returns bigint language plpgsql stable as $$
begin
    return (
        with worked as (
            select r.department, r.day, r.cleared, coalesce(under.missed_days, p.missed_days) as enough,
                   count(*) filter (where r.cleared) over (partition by r.department order by r.day) as run
            from unnest(rows) as r join wall.policy p on p.community = r.community and p.version = r.policy where not r.idle
        ), missed as (
            select w.department, w.run, w.enough, row_number() over (partition by w.department, w.run order by w.day) as n from worked w where not w.cleared
        )
        select count(distinct (m.department, m.run)) from missed m where m.n >= m.enough);
end $$;

-- Figures

-- What a period comes to: the sums by department, and the days.
create type replayed as (sums figure_sum[], days wall.clearing[]);

create function replay(of_community text, from_day date, to_day date, as_of timestamptz, under wall.policy) returns replayed language plpgsql stable as $$
declare
    r replayed;
begin
    r.days := case when under.version is null then taken_rows(of_community, from_day, to_day, as_of)
                   else supposed_days(of_community, from_day, to_day, as_of, under) end;
    r.sums := array(select s::figure_sum from counted_sums(of_community, from_day, to_day, as_of, false, 'department', under) as s)
        || array(select s::figure_sum from clearing_sums(r.days, 'department') as s);
    return r;
end $$;

-- The figures of one department, or of all.
create function replayed_figures(r replayed, of_department uuid) returns jsonb language plpgsql stable as $$
declare
    held bigint := (select sum(s.numerator) from unnest(r.sums) as s where s.figure = 'holder_time' and s.part = '');
    streaks jsonb := jsonb_build_object('', longest_streaks(r.days)->coalesce(of_department::text, ''));
begin
    return (select f.figures::jsonb
            from figures_of(array(select s from unnest(r.sums) as s where of_department is null or s.key = of_department::text), null, streaks, held, '{}', null) as f);
end $$;

create function compared_figures(was jsonb, would jsonb) returns jsonb language sql stable as $$
    select jsonb_object_agg(f.name, jsonb_build_object(
        'unit', f.unit, 'formula', f.formula, 'was', was->f.name #- '{unit}' #- '{formula}', 'would_be', would->f.name #- '{unit}' #- '{formula}',
        'difference', (would->f.name->>'value')::numeric - (was->f.name->>'value')::numeric))
    from figure f
$$;

-- Routing

-- What goes by itself: of the complaints that came without a category those whose best proposal was sure enough and leads to a department without a
-- person; and how many of them were right, by the category under which a person put them or they were answered.
create function routed_sums(of_community text, since timestamptz, until timestamptz, under wall.policy, out asked bigint, out routed bigint, out decided bigint,
                            out "right" bigint)
language plpgsql stable as $$
begin
    select count(*), count(*) filter (where k.sure), count(*) filter (where k.sure and k.decided), count(*) filter (where k.sure and k.decided and k.category = k.suggested)
    into asked, routed, decided, "right"
    from (
        select c.category, s.category as suggested, c.category is not null and (c.answered is not null or s.confirmed) as decided,
               s.share >= coalesce(under.confident, p.confident) and coalesce(g.routed and d.active, false) as sure
        from wall.complaint c join wall.policy p on p.community = c.community and p.version = c.policy
        cross join lateral (
            select bool_or(x.by = 'reporter') as given, bool_or(x.by = 'dispatcher') as confirmed,
                   max(x.category) filter (where x.by in ('lexicon', 'model') and x.rank = 1) as category,
                   max(x.share) filter (where x.by in ('lexicon', 'model') and x.rank = 1) as share
            from wall.classification x where x.community = c.community and x.complaint = c.complaint offset 0) as s
        left join wall.category g on g.community = c.community and g.code = s.category
        left join wall.department d on d.community = g.community and d.department = g.department
        where c.community = of_community and c.submitted >= since and c.submitted < until and is_counted(c) and not coalesce(s.given, false)) as k;
end $$;

create function compared_shares(was bigint, was_of bigint, would bigint, would_of bigint) returns jsonb language sql immutable as $$
    select jsonb_build_object('was', share_json(was, was_of)::jsonb, 'would_be', share_json(would, would_of)::jsonb, 'difference', percent(would, would_of) - percent(was, was_of))
$$;

create function compared_routing(of_community text, since timestamptz, until timestamptz, under wall.policy) returns jsonb language plpgsql stable as $$
declare
    was record := routed_sums(of_community, since, until, null);
    would record := routed_sums(of_community, since, until, under);
begin
    return jsonb_build_object('by_itself', compared_shares(was.routed, was.asked, would.routed, would.asked),
                              'accuracy', compared_shares(was."right", was.decided, would."right", would.decided));
end $$;

-- Supervision lists

-- A hit, and what it is where it is no complaint or reply.
create type replayed_hit as (key timestamptz, id uuid, gathered jsonb, rules jsonb);

create type replayed_list as (hits replayed_hit[], complete boolean);

create function replayed_at_most() returns integer language sql immutable as 'select 20000';

-- A list as it is at this moment by these thresholds. Complete: no more than so many candidates had to be looked at.
create function replay_list(of_community text, of_list text, p wall.policy, now timestamptz, under wall.policy) returns replayed_list
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
begin
    if of_list = 'concentrated' then
        return (select row(coalesce(array_agg(row(g.since, g.id, jsonb_build_object('cluster', g.cluster, 'category', g.category, 'building', g.building, 'subject', g.subject),
                                                  hit_rule(g.rule, g.facts))::replayed_hit order by g.since desc), '{}'), true)::replayed_list
                from gatherings(of_community, p, now) as g);
    end if;
    return (select row(coalesce(array_agg(row(k.key, k.id, null, k.rules)::replayed_hit order by k.n) filter (where k.rules <> '[]'), '{}'),
                       count(*) < replayed_at_most())::replayed_list
            from (select c.key, c.id, c.n, rules_fired(of_community, row(c.key, c.id)::candidate, of_list, p, now, true, under) as rules
                  from list_candidates(of_community, of_list, p, now, null, null, replayed_at_most(), under) with ordinality as c (key, id, n) offset 0) as k);
end $$;

create function replayed_hit_json(of_community text, of_list text, h replayed_hit) returns jsonb language plpgsql stable as $$
begin
    return (
        select jsonb_build_object('subject', case of_list when 'hollow' then 'reply' else 'complaint' end, 'cluster', null, 'category', c.category, 'building', c.building,
                                  'complaint', case when c.complaint is not null then jsonb_build_object('id', c.complaint, 'number', c.number) end,
                                  'reply', case of_list when 'hollow' then h.id end, 'rules', h.rules) || coalesce(h.gathered, '{}')
        from (values (true)) as one
        left join wall.reply_reading r on of_list = 'hollow' and r.community = of_community and r.at = h.key and r.reply = h.id
        left join wall.complaint c on c.community = of_community and c.complaint = coalesce(r.complaint, h.id));
end $$;

create function only_in(these replayed_hit[], those replayed_hit[]) returns replayed_hit[] language plpgsql stable as $$
begin
    return array(select row(t.key, t.id, t.gathered, t.rules)::replayed_hit from unnest(these) with ordinality as t (key, id, gathered, rules, n)
                 where not exists (select from unnest(those) as o where o.id = t.id) order by t.n);
end $$;

create function shown_hits(of_community text, of_list text, hits replayed_hit[]) returns jsonb language plpgsql stable as $$
declare
    shown constant integer := 20;
begin
    return (select coalesce(jsonb_agg(replayed_hit_json(of_community, of_list, h) order by n), '[]') from unnest(hits[:shown]) with ordinality as k (key, id, gathered, rules, n)
            cross join lateral (select row(k.key, k.id, k.gathered, k.rules)::replayed_hit as h) as one);
end $$;

-- How many hits each rule makes.
create function compared_rules(was replayed_hit[], would replayed_hit[]) returns jsonb language plpgsql stable as $$
begin
    return (
        select coalesce(jsonb_object_agg(k.rule, difference_json(k.was, k.would)), '{}')
        from (select r->>'rule' as rule, count(*) filter (where not h.supposed) as was, count(*) filter (where h.supposed) as would
              from (select false as supposed, w.rules from unnest(compared_rules.was) as w union all select true, w.rules from unnest(compared_rules.would) as w) as h
              cross join lateral jsonb_array_elements(h.rules) as r group by 1) as k);
end $$;

-- What a list would hold more and less; the first of them themselves are for those who look after all.
create function compared_list(of_community text, of_list text, p wall.policy, given jsonb, now timestamptz, inside boolean) returns jsonb language plpgsql stable as $$
declare
    was replayed_list := replay_list(of_community, of_list, p, now, null);
    would replayed_list := was;
    come replayed_hit[] := '{}';
    go replayed_hit[] := '{}';
begin
    if is_changed(given, of_list) then
        would := replay_list(of_community, of_list, jsonb_populate_record(p, given), now, supposed_policy(given));
        come := only_in(would.hits, was.hits);
        go := only_in(was.hits, would.hits);
    end if;
    return difference_json(cardinality(was.hits), cardinality(would.hits))
        || jsonb_build_object('come', cardinality(come), 'go', cardinality(go), 'rules', compared_rules(was.hits, would.hits), 'complete', was.complete and would.complete)
        || case when inside then jsonb_build_object('coming', shown_hits(of_community, of_list, come), 'going', shown_hits(of_community, of_list, go)) else '{}' end;
end $$;

-- All together

create function simulate(of_community text, who caller, days integer, given jsonb, out body text)
language plpgsql stable security definer set search_path = wall, rules, pg_temp as $$
declare
    now timestamptz := wall_now();
    zone text := zone_of(of_community);
    until date := (now at time zone zone)::date;
    since date := until - days + 1;
    p wall.policy := policy_at(of_community, now);
    under wall.policy := supposed_policy(given);
    was replayed;
    would replayed;
begin
    perform check_policy(jsonb_populate_record(p, given), '/policy/');
    was := replay(of_community, since, until, now, null);
    would := was;
    if is_changed(given, 'figures') or is_changed(given, 'clearing') then
        would := replay(of_community, since, until, now, under);
    end if;
    body := jsonb_build_object(
        'from', since, 'to', until, 'as_of', instant(now), 'policy', p.version,
        'figures', compared_figures(replayed_figures(was, null), replayed_figures(would, null)),
        'departments', (
            select coalesce(jsonb_agg(jsonb_build_object('id', d.department, 'code', d.code, 'name', d.name, 'figures', compared_figures(
                replayed_figures(was, d.department), replayed_figures(would, d.department))) order by d.code), '[]')
            from wall.department d where d.community = of_community),
        'lists', (select jsonb_object_agg(l, compared_list(of_community, l, p, given, now, who.role = 'supervisor')) from unnest(list_names()) as l),
        'missed_days', difference_json(missed_rows(was.days, null), missed_rows(would.days, under)),
        'routing', compared_routing(of_community, since::timestamp at time zone zone, end_of_day(until, zone), under),
        'without_effect', without_effect(given));
end $$;
