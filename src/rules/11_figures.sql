-- Figures: how many of how many. Each comes with its numerator, its denominator and its formula, so that nobody need believe a percentage.
-- All of a period comes from one look at its complaints; sums of the groups are the whole.

create table figure (name text primary key, unit text not null, formula text not null, position integer not null);
insert into figure (name, unit, formula, position) values
    ('reply_rate', 'percent', 'first reply by as_of / all', 1),
    ('on_time_rate', 'percent', 'reply rounds met <= due / (met + unmet and due <= as_of)', 2),
    ('accept_rate', 'percent', 'accepted, replied or returned within the time to accept / holdings whose time has passed', 3),
    ('resolve_rate', 'percent', 'due in the period and met in time / due in the period', 4),
    ('clearing_rate', 'percent', 'cleared department-days / department-days with work', 5),
    ('backlog', 'cases', 'on the department''s turn now', 6),
    ('oldest', 'seconds', 'greatest age of what is on the department''s turn now', 7),
    ('followup_rate', 'percent', 'followed up within 72 h / answers whose 72 h have passed', 8),
    ('satisfaction', 'percent', 'rating >= 4 / rated', 9),
    ('contacted', 'percent', 'visits that found the department had been in touch / visits that reached somebody', 10),
    ('solved', 'percent', 'visits that found it solved / visits that reached somebody', 11),
    ('redo_rate', 'percent', 'answers that were sent back / answers', 12),
    ('return_rate', 'percent', 'returns / holdings by departments', 13),
    ('reopen_rate', 'percent', 'reopenings / closings', 14),
    ('classification_accuracy', 'percent', 'suggested = final / decided: a person said the category, or it was answered under it', 15),
    ('spam', 'cases', 'submitted in the period and rejected as spam: counted nowhere else', 15),
    ('repeats_avoided', 'cases', 'supports given from a suggestion + suggestions that answered it already, each text once a day', 16);

-- What a group contributes to a figure; `part` is empty, or names what stands beside the figure itself.
create type figure_sum as (figure text, part text, key text, numerator bigint, denominator bigint);

-- One decimal, half up, from integers. Nothing of nothing is no data.
create function percent(numerator bigint, denominator bigint) returns numeric language sql immutable as $$
    select case when denominator > 0 then round(((numerator * 2000 + denominator) / (denominator * 2))::numeric / 10, 1) end
$$;

-- The lower bound of what the true share may be (Wilson, 95 %): few ratings prove little.
create function wilson(numerator bigint, denominator bigint) returns numeric language sql immutable as $$
    select case when denominator > 0 then
        round((100 * (share + z * z / (2 * n) - z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))) / (1 + z * z / n))::numeric, 1) end
    from (select numerator / denominator::double precision as share, denominator::double precision as n, 1.959964::double precision as z
          where denominator > 0) as given
$$;

-- The complaints submitted in a period, without spam and without those that were withdrawn before their reply was due. `key` is the group;
-- by department it is null here, for it is not the case that belongs to a department but each thing that was done or left undone.
create function cohort(of_community text, since timestamptz, until timestamptz, by_what text)
returns table (complaint uuid, key text, department uuid, status text, first_reply timestamptz, reply_due timestamptz, scored interval, setbacks boolean,
               category text, answered boolean)
language sql stable as $$
    select c.complaint,
           case by_what when 'department' then null when 'category' then coalesce(c.category, '') when 'building' then coalesce(c.building, '')
               when 'day' then (c.submitted at time zone zone_of(of_community))::date::text else '' end,
           c.department, c.status, c.first_reply, c.submitted + p.reply, p.followup_scored, c.redos + c.returns > 0,
           c.category, c.answered is not null
    from wall.complaint c join wall.policy p on p.community = c.community and p.version = c.policy
    where c.community = of_community and c.submitted >= since and c.submitted < until
      and not (c.status = 'withdrawn' and c.closed <= c.submitted + p.reply)
      and not (c.status = 'rejected' and coalesce(c.result = 'spam', false))
$$;

-- Had it closed for want of an answer to a question, before it was reopened by this event? Then no answer was sent back.
create function closed_unanswered(of_community text, of_complaint uuid, reopening bigint) returns boolean language plpgsql stable as $$
begin
    return exists (
        select from wall.deadline_mark m
        where m.community = of_community and m.complaint = of_complaint and m.kind = 'need_info' and m.mark = 'breached'
          and m.at = (select max(x.at) from wall.event x where x.community = of_community and x.complaint = of_complaint and x.seq < reopening
                      and x.action in ('lapse', 'confirm')));
end $$;

-- Everything that is counted over a period's complaints. A deadline that lost its object before it was due counts nowhere; one that was
-- breached counts for the department that held the case then, whoever answered later. Everything is found by index from the period's complaints, so
-- that what it costs grows with them and not with all that there ever was.
create function cohort_sums(of_community text, since timestamptz, until timestamptz, as_of timestamptz, by_what text) returns setof figure_sum
language plpgsql stable set plan_cache_mode = force_custom_plan set work_mem = '64MB' as $$
begin
    return query
        with cohort as materialized (
            select * from cohort(of_community, since, until, by_what)
        ), owed as (
            select d.kind, d.department, c.complaint, c.key, c.department as holder, d.round, e.department as ended_by, l.due,
                   coalesce(e.mark = 'met' and e.at <= l.due, false) as in_time, coalesce(e.mark = 'void' and e.at <= l.due, false) as dropped
            from cohort c
            cross join lateral (
                select * from wall.deadline x
                where x.community = of_community and x.complaint = c.complaint and x.kind in ('reply', 'accept', 'followup') offset 0) as d
            left join lateral (
                select * from wall.deadline_mark x
                where x.community = d.community and x.complaint = d.complaint and x.kind = d.kind and x.round = d.round and x.mark in ('met', 'void')
                offset 0) as e on true
            cross join lateral (select case d.kind when 'followup' then d.began + c.scored else d.due end as due) as l
        ), kept as (
            select o.kind, o.in_time, not o.dropped and (o.due <= as_of or o.kind = 'reply' and o.in_time) as counts, coalesce(o.key, (
                case when o.kind <> 'reply' then o.department when o.in_time then o.ended_by else coalesce((
                    select b.department from wall.deadline_mark b
                    where b.community = of_community and b.complaint = o.complaint and b.kind = o.kind and b.round = o.round and b.mark = 'breached'),
                    o.holder) end)::text) as key
            from owed o
        ), deadlines as materialized (
            select kind, k.key, count(*) filter (where counts and in_time) as met, count(*) filter (where counts) as counted, count(*) as opened
            from kept k group by kind, k.key
        ), setback as materialized (
            select e.action, not (e.action = 'reopen' and closed_unanswered(of_community, c.complaint, e.seq)) as of_answer,
                   coalesce(c.key, (case e.action when 'return' then (e.data->>'from')::uuid else e.department end)::text) as key
            from cohort c
            cross join lateral (
                select * from wall.event x
                where x.community = of_community and x.complaint = c.complaint and x.action in ('redo', 'reopen', 'return') and x.status <> 'merged'
                offset 0) as e
            where c.setbacks
        ), visited as materialized (
            select f.*, coalesce(c.key, f.department::text) as key
            from cohort c
            cross join lateral (select * from wall.followup x where x.community = of_community and x.complaint = c.complaint and x.reached offset 0) as f
        ), rated as (
            select r.stars, coalesce(c.key, r.department::text) as key
            from cohort c
            cross join lateral (select * from wall.rating x where x.community = of_community and x.complaint = c.complaint and x.counts offset 0) as r
            union all
            select f.stars, f.key from (        -- what a visitor was told, where the reporter did not rate
                select distinct on (v.complaint, v.round) v.stars, v.key from visited v
                where v.stars is not null and 0 = (
                    select count(*) from wall.rating r where r.community = v.community and r.complaint = v.complaint and r.round = v.round and r.support is null)
                order by v.complaint, v.round, v.at desc) as f
        )
        select 'classification_accuracy', '', coalesce(c.key, c.department::text), count(*) filter (where p.suggested = c.category), count(*)
        from cohort c
        cross join lateral (
            select max(x.category) filter (where x.by in ('lexicon', 'model') and x.rank = 1) as suggested, bool_or(x.by = 'dispatcher') as confirmed
            from wall.classification x where x.community = of_community and x.complaint = c.complaint offset 0) as p
        where c.category is not null and p.suggested is not null and (c.answered or p.confirmed) group by 3
        union all
        select 'reply_rate', '', coalesce(c.key, c.department::text), count(*) filter (where c.first_reply <= as_of), count(*) from cohort c group by 3
        union all
        select 'reply_rate', 'matured', coalesce(c.key, c.department::text), count(*) filter (where c.first_reply <= as_of), count(*)
        from cohort c where c.reply_due <= as_of group by 3
        union all
        select case d.kind when 'reply' then 'on_time_rate' when 'accept' then 'accept_rate' else 'followup_rate' end, '', d.key, d.met, d.counted
        from deadlines d
        union all
        select case d.kind when 'accept' then 'return_rate' else 'redo_rate' end, '', d.key, 0, d.opened from deadlines d where d.kind <> 'reply'
        union all
        select case s.action when 'return' then 'return_rate' else 'redo_rate' end, '', s.key, count(*), 0 from setback s where s.of_answer group by 1, 3
        union all
        select 'reopen_rate', '', s.key, count(*), count(*) from setback s where s.action = 'reopen' group by s.key
        union all
        select 'reopen_rate', '', coalesce(c.key, c.department::text), 0, count(*) from cohort c where c.status = 'closed' group by 3
        union all
        select 'satisfaction', '', r.key, count(*) filter (where r.stars >= 4), count(*) from rated r group by r.key
        union all
        select 'contacted', '', v.key, count(*) filter (where v.contacted), count(*) from visited v group by v.key
        union all
        select 'solved', '', v.key, count(*) filter (where v.solved = 'yes'), count(*) from visited v group by v.key;
end $$;

-- Resolved in time: by what was due in the period, whenever it was submitted. The end of a day falls due in it, not in the next one.
create function resolve_sums(of_community text, since timestamptz, until timestamptz, as_of timestamptz, by_what text) returns setof figure_sum
language plpgsql stable set plan_cache_mode = force_custom_plan set work_mem = '64MB' as $$
begin
    return query
        select 'resolve_rate', '', case by_what when 'department' then coalesce(e.department, c.department)::text when 'category' then coalesce(c.category, '')
                when 'building' then coalesce(c.building, '') when 'day' then ((d.due - interval '1 microsecond') at time zone zone_of(of_community))::date::text
                else '' end,
            count(*) filter (where e.mark = 'met' and e.at <= d.due), count(*)
        from wall.deadline d
        cross join lateral (select * from wall.complaint x where x.community = d.community and x.complaint = d.complaint offset 0) as c
        left join lateral (
            select * from wall.deadline_mark x
            where x.community = d.community and x.complaint = d.complaint and x.kind = d.kind and x.round = d.round and x.mark in ('met', 'void')
            offset 0) as e on true
        where d.community = of_community and d.kind = 'resolve' and d.due > since and d.due <= least(until, as_of)
          and coalesce(not (e.mark = 'void' and e.at <= d.due), true)
        group by 3;
end $$;

create function backlog_sums(of_community text, as_of timestamptz, by_what text) returns setof figure_sum language plpgsql stable as $$
begin
    return query
        with open as (
            select case by_what when 'department' then c.department::text when 'category' then coalesce(c.category, '')
                       when 'building' then coalesce(c.building, '') when 'day' then (c.submitted at time zone zone_of(of_community))::date::text else '' end
                       as key, count(*) as count, floor(extract(epoch from as_of - min(c.submitted)))::bigint as oldest
            from wall.complaint c where c.community = of_community and c.turn = 'department' group by 1
        )
        select 'backlog', '', o.key, o.count, null::bigint from open o union all select 'oldest', '', o.key, o.oldest, null from open o;
end $$;

-- Complaints that were not filed because one like them was there, by where that one is.
create function avoided_sums(of_community text, since timestamptz, until timestamptz, by_what text) returns setof figure_sum language plpgsql stable as $$
begin
    return query
        with avoided as (
            select a.kind, case by_what when 'department' then c.department::text when 'category' then coalesce(c.category, '')
                       when 'building' then coalesce(c.building, '') when 'day' then (a.at at time zone zone_of(of_community))::date::text else '' end as key
            from wall.repeat_avoided a join wall.complaint c using (community, complaint)
            where a.community = of_community and a.at >= since and a.at < until
        )
        select 'repeats_avoided', '', a.key, count(*), null::bigint from avoided a group by a.key
        union all
        select 'repeats_avoided', a.kind, a.key, count(*), null from avoided a group by a.kind, a.key;
end $$;

-- Spam is counted apart, by whoever holds it.
create function spam_sums(of_community text, since timestamptz, until timestamptz, by_what text) returns setof figure_sum language plpgsql stable as $$
begin
    return query
        select 'spam', '', case by_what when 'department' then c.department::text when 'category' then coalesce(c.category, '')
                   when 'building' then coalesce(c.building, '') when 'day' then (c.submitted at time zone zone_of(of_community))::date::text else '' end,
               count(*), null::bigint
        from wall.complaint c
        where c.community = of_community and c.status = 'rejected' and c.result = 'spam' and c.submitted >= since and c.submitted < until group by 3;
end $$;

create function clearing_sums(of_community text, from_day date, to_day date, by_what text) returns setof figure_sum language plpgsql stable as $$
begin
    return query
        with days as (
            select case by_what when 'department' then r.department::text when 'day' then r.day::text else '' end as key, r.cleared, r.strictly_cleared, r.idle
            from wall.clearing r
            where r.community = of_community and r.day between from_day and to_day and by_what is distinct from 'category' and by_what is distinct from 'building'
        )
        select 'clearing_rate', p.part, d.key, case p.part when '' then count(*) filter (where d.cleared and not d.idle)
                   when 'strict' then count(*) filter (where d.strictly_cleared and not d.idle) else count(*) filter (where d.idle) end,
               count(*) filter (where not d.idle)
        from days d cross join (values (''), ('strict'), ('idle')) as p (part) group by p.part, d.key;
end $$;

-- The longest row of days with work on which the department, or each of them, was cleared.
create function longest_streak(of_community text, from_day date, to_day date, of_department uuid default null) returns integer language plpgsql stable as $$
begin
    return (
        select coalesce(max(length), 0) from (
            select count(*) filter (where fine) as length from (
                select day, fine, count(*) filter (where not fine) over (order by day) as misses from (
                    select r.day, bool_and(r.cleared) as fine from wall.clearing r
                    where r.community = of_community and r.day between from_day and to_day and not r.idle
                      and (of_department is null or r.department = of_department)
                    group by r.day) as days) as rows group by misses) as streaks);
end $$;

create function share_json(numerator bigint, denominator bigint) returns jsonb language sql immutable as $$
    select jsonb_build_object('value', percent(numerator, denominator), 'numerator', numerator, 'denominator', denominator)
$$;

-- One group's figures, or, of the sums of all groups, those of the whole.
create function figures_json(sums figure_sum[], as_of timestamptz, policy integer, streak integer) returns jsonb language plpgsql stable as $$
begin
    return (
        with whole as materialized (
            select s.figure, s.part, case when s.figure = 'oldest' then max(s.numerator) else sum(s.numerator)::bigint end as numerator,
                   sum(s.denominator)::bigint as denominator
            from unnest(sums) as s group by s.figure, s.part
        )
        select jsonb_object_agg(f.name, case when f.unit = 'percent' then share_json(coalesce(w.numerator, 0), coalesce(w.denominator, 0))
                else jsonb_build_object('value', case when f.unit = 'cases' then coalesce(w.numerator, 0) else w.numerator end,
                                        'numerator', coalesce(w.numerator, 0), 'denominator', null) end
            || jsonb_build_object('unit', f.unit, 'as_of', instant(as_of), 'formula', f.formula, 'policy', figures_json.policy)
            || case f.name
                when 'reply_rate' then (select jsonb_build_object('matured', share_json(coalesce(sum(m.numerator), 0)::bigint, coalesce(sum(m.denominator), 0)::bigint))
                                        from whole m where m.figure = 'reply_rate' and m.part = 'matured')
                when 'clearing_rate' then (select jsonb_build_object(
                    'strict', share_json(coalesce(sum(m.numerator) filter (where m.part = 'strict'), 0)::bigint,
                                         coalesce(sum(m.denominator) filter (where m.part = 'strict'), 0)::bigint),
                    'idle', coalesce(sum(m.numerator) filter (where m.part = 'idle'), 0), 'longest_streak', streak)
                    from whole m where m.figure = 'clearing_rate')
                when 'repeats_avoided' then (select jsonb_build_object(
                    'supported', coalesce(sum(m.numerator) filter (where m.part = 'supported'), 0),
                    'answered', coalesce(sum(m.numerator) filter (where m.part = 'answered'), 0)) from whole m where m.figure = 'repeats_avoided')
                when 'satisfaction' then jsonb_build_object('n', coalesce(w.denominator, 0), 'lower_bound', wilson(w.numerator, w.denominator))
                else '{}' end)
        from figure f left join whole w on w.figure = f.name and w.part = '');
end $$;

create function group_json(of_community text, by_what text, key text, figures jsonb) returns jsonb language plpgsql stable as $$
begin
    return jsonb_build_object('key', nullif(key, ''), 'figures', figures) || case by_what
        when 'department' then coalesce((select jsonb_build_object('name', d.name, 'code', d.code) from wall.department d
                                         where d.community = of_community and d.department = key::uuid), '{"name": null}')
        when 'category' then jsonb_build_object('name', (select k.name from wall.category k where k.community = of_community and k.code = key))
        when 'building' then jsonb_build_object('name', coalesce((select b.name from wall.building b where b.community = of_community and b.code = key),
                                                                 nullif(key, '')))
        else jsonb_build_object('name', key) end;
end $$;

create function groups_json(of_community text, by_what text, sums figure_sum[], from_day date, to_day date, as_of timestamptz, policy integer)
returns jsonb language plpgsql stable as $$
begin
    return (
        select coalesce(jsonb_agg(group_json(of_community, by_what, g.key, figures_json(
            g.sums, as_of, policy, case when by_what = 'department' then longest_streak(of_community, from_day, to_day, g.key::uuid) end)) order by g.key), '[]')
        from (select s.key, array_agg(s) as sums from unnest(sums) as s group by s.key) as g);
end $$;

-- The figures of the days from the one to the other, both included; without them the last thirty days. Only sums leave this function.
create function figures(of_community text, from_day date, to_day date, by_what text, out body text)
language plpgsql stable security definer set search_path = wall, rules, pg_temp as $$
declare
    moment timestamptz := wall_now();
    zone text := zone_of(of_community);
    until date := coalesce(to_day, greatest((moment at time zone zone)::date, from_day));
    since date := coalesce(from_day, until - 29);
    policy integer := (policy_at(of_community, moment)).version;
    sums figure_sum[];
    since_moment timestamptz := since::timestamp at time zone zone;
    until_moment timestamptz := end_of_day(until, zone);
begin
    if zone is null then
        return;
    end if;
    if since > until then
        perform refuse_field('/from', 'is after to');
    end if;
    sums := array(
        select s::figure_sum from cohort_sums(of_community, since_moment, until_moment, moment, by_what) s
        union all select s::figure_sum from resolve_sums(of_community, since_moment, until_moment, moment, by_what) s
        union all select s::figure_sum from backlog_sums(of_community, moment, by_what) s
        union all select s::figure_sum from spam_sums(of_community, since_moment, until_moment, by_what) s
        union all select s::figure_sum from avoided_sums(of_community, since_moment, until_moment, by_what) s
        union all select s::figure_sum from clearing_sums(of_community, since, until, by_what) s);
    body := jsonb_build_object('from', since, 'to', until, 'as_of', instant(moment),
                               'figures', figures_json(sums, moment, policy, longest_streak(of_community, since, until)))
        || case when by_what is null then '{}'
                else jsonb_build_object('by', by_what, 'groups', groups_json(of_community, by_what, sums, since, until, moment, policy)) end;
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
