-- What is recorded must be what the facts say: every taken day is computed anew from events, holdings, deadlines and marks alone, every chain
-- of hashes is followed, every current column and timer is compared. Each row that comes out is a difference.

create function days_in_order(of_community text) returns table (what text, difference text) language plpgsql stable as $$
begin
    return query
        with taken as (
            select r.day, min(r.began) as began, min(r.grace) as grace, min(r.cutoff) as cutoff, min(r.zone) as zone, min(r.policy) as policy,
                   count(distinct (r.began, r.grace, r.cutoff, r.zone, r.policy)) as versions
            from wall.clearing r where r.community = of_community group by r.day
        ), neighbours as (
            select t.*, lag(t.day) over w as day_before, lag(t.cutoff) over w as cutoff_before, p.cutoff as policy_cutoff, p.grace as policy_grace
            from taken t left join wall.policy p on p.community = of_community and p.version = t.policy
            window w as (order by t.day)
        ), found as (
            select 'day ' || n.day as what, case
                when n.versions > 1 then 'its rows have different bounds'
                when n.day_before is null and n.day <> first_day(of_community) then 'is not the first day, but nothing is before it'
                when n.day_before <> n.day - 1 then format('the day before is missing, the last one there is %s', n.day_before)
                when n.cutoff_before <> n.began then 'does not begin at the cutoff of the day before'
                when n.cutoff is distinct from cutoff_at(n.day, n.policy_cutoff, n.zone) then 'its cutoff is not that of its zone and policy'
                when n.grace is distinct from n.cutoff - n.policy_grace then 'its grace is not that of its policy' end as difference
            from neighbours n
        )
        select f.what, f.difference from found f where f.difference is not null
        union all
        select 'settled until', format('%s, but the last day taken ends at %s', h.settled_until, coalesce(max(t.cutoff), '-infinity'))
        from wall.community h left join taken t on true where h.community = of_community
        group by h.settled_until having h.settled_until <> coalesce(max(t.cutoff), '-infinity');
end $$;

-- For each taken day the cases that its facts concern: on a department's turn at its beginning or its end, found by following all events once.
create function candidates_by_day(of_community text) returns table (day date, candidates uuid[]) language plpgsql stable as $$
declare
    cutoffs timestamptz[] := array(select distinct cutoff from wall.clearing where community = of_community order by 1);
begin
    return query
        with span as (
            select e.complaint, e.turn, e.at, coalesce(lead(e.at) over (partition by e.complaint order by e.seq), 'infinity') as until
            from wall.event e where e.community = of_community
        ), reach as (
            select s.complaint, width_bucket(s.at - interval '1 microsecond', cutoffs) + 1 as first,
                   case when s.until = 'infinity' then cardinality(cutoffs) else width_bucket(s.until - interval '1 microsecond', cutoffs) end as last
            from span s where s.turn = 'department' and s.at < s.until
        ), open_at as (
            select r.complaint, n as cutoff from reach r cross join lateral generate_series(r.first, r.last) as n
        )
        select t.day, array_agg(distinct o.complaint) filter (where o.complaint is not null)
        from (select distinct r.day, array_position(cutoffs, r.cutoff) as position from wall.clearing r where r.community = of_community) as t
        left join open_at o on o.cutoff in (t.position, t.position - 1)
        group by t.day;
end $$;

create function bounds_taken(of_community text, of_day date) returns day_bounds language plpgsql stable as $$
begin
    return (select row(r.day, r.began, r.grace, r.cutoff, r.zone, r.policy)::day_bounds
            from wall.clearing r where r.community = of_community and r.day = of_day limit 1);
end $$;

create function day_differences(of_community text, d day_bounds, candidates uuid[]) returns table (what text, difference text) language plpgsql stable as $$
declare
    cases open_case[] := open_cases(of_community, d, candidates);
begin
    return query
        select format('day %s, department %s', d.day, department), case when r is null then 'has no row' when n is null then 'has a row, but no reason for one'
                   else format('is recorded as %s, but comes to %s', r, n) end
        from (select x.department, x as r from wall.clearing x where x.community = of_community and x.day = d.day) as recorded
        full join (select x.department, x as n from clearing_rows(of_community, d, candidates, cases) x) as computed using (department)
        where r is distinct from n;
    return query
        select format('day %s, department %s, complaint %s', d.day, coalesce(k.department, o.department), complaint),
               case when k.department is null then 'was open, but is not recorded' when o.department is null then 'is recorded, but was not open for it'
                   else format('is recorded as %s, but comes to %s', row(k.holder, k.late_arrival, k.reply_due), row(o.holder, o.late_arrival, o.reply_due)) end
        from (select * from wall.clearing_case x where x.community = of_community and x.day = d.day) as k
        full join unnest(cases) as o using (complaint, department)
        where row(k.holder, k.late_arrival, k.reply_due) is distinct from row(o.holder, o.late_arrival, o.reply_due);
end $$;

create function verify_days(of_community text) returns table (what text, difference text) language plpgsql stable as $$
declare
    k record;
begin
    for k in select * from candidates_by_day(of_community) c order by c.day loop
        return query select * from day_differences(of_community, bounds_taken(of_community, k.day), k.candidates);
    end loop;
    return query
        select format('day %s', coalesce(n.day, s.day)), format('%s submissions are recorded, but there were %s', coalesce(n.sum, 0), coalesce(s.count, 0))
        from (select x.day, sum(x.submitted) from wall.submission_count x where x.community = of_community group by x.day) as n
        full join (select t.day, count(*) from (select distinct r.day, r.began, r.cutoff from wall.clearing r where r.community = of_community) as t
                   join wall.complaint c on c.community = of_community and c.submitted > t.began and c.submitted <= t.cutoff group by t.day) as s using (day)
        where n.sum is distinct from s.count;
end $$;

-- One chain a complaint: each hash covers the one before and the row itself; each text that is still there is the one committed to.
create function verify_chains(of_community text) returns table (what text, difference text) language plpgsql stable as $$
begin
    return query
        select format('complaint %s, event %s', linked.complaint, linked.seq), 'its hash is not that of what is recorded'
        from (select e.complaint, e.seq, e.hash, e as row,
                     lag(e.hash, 1, sha256(convert_to(e.community || '/' || e.complaint, 'UTF8'))) over (partition by e.complaint order by e.seq) as before
              from wall.event e where e.community = of_community) as linked
        where linked.hash is distinct from sha256(linked.before || canonical(linked.row));
    return query
        select format('complaint %s, event %s', e.complaint, e.seq), 'its text is not the one it was committed to'
        from wall.event e join wall.event_text t using (community, complaint, seq)
        where e.community = of_community and t.text is not null and e.content is distinct from sha256(t.nonce || convert_to(t.text, 'UTF8'));
    return query
        select format('complaint %s', e.complaint), 'has events, but is not there'
        from wall.event e left join wall.complaint c using (community, complaint)
        where e.community = of_community and c.complaint is null group by e.complaint;
end $$;

-- What the columns of `complaint` that are kept for now ought to be. Of a case without events everything is null.
create function caches_of_facts(of_community text)
returns table (complaint uuid, status text, turn text, department uuid, last timestamptz, hash bytea, first_reply timestamptz, round integer,
               reply_due timestamptz, reply_open boolean, overdue boolean, supporters integer) language plpgsql stable as $$
begin
    return query
        with event as (
            select e.*, lag(e.status) over w as source, row_number() over (partition by e.complaint order by e.seq desc) as back
            from wall.event e where e.community = of_community window w as (partition by e.complaint order by e.seq)
        ), replied as (
            select e.complaint, min(e.at) as first from event e join transition t on t.action = e.action and t.source = e.source and t.official group by e.complaint
        ), round as (
            select distinct on (d.complaint) d.complaint, d.round, d.due, not exists (
                select from wall.deadline_mark m where m.community = d.community and m.complaint = d.complaint and m.kind = 'reply' and m.round = d.round
                and m.mark in ('met', 'void')) as unmet
            from wall.deadline d where d.community = of_community and d.kind = 'reply' order by d.complaint, d.round desc
        ), late as (
            select distinct m.complaint from wall.deadline_mark m where m.community = of_community and m.kind = 'reply' and m.mark = 'breached'
        )
        select e.complaint, e.status, e.turn, e.department, e.at, e.hash, f.first, r.round, r.due, r.unmet, l.complaint is not null, coalesce(s.count, 0)
        from event e left join replied f using (complaint) left join round r using (complaint) left join late l using (complaint)
        left join (select x.complaint, sum(case x.action when 'support' then 1 else -1 end)::integer as count
                   from event x where x.action in ('support', 'unsupport') group by x.complaint) s using (complaint)
        where e.back = 1;
end $$;

create function verify_caches(of_community text) returns table (what text, difference text) language plpgsql stable as $$
begin
    return query
        select format('complaint %s', c.complaint), format('%s is kept as %s, but comes to %s', k.name, coalesce(k.kept, 'nothing'), coalesce(k.computed, 'nothing'))
        from wall.complaint c left join caches_of_facts(of_community) f on f.complaint = c.complaint
        cross join lateral (values
            ('status', c.status, f.status), ('turn', c.turn, f.turn), ('department', c.department::text, f.department::text),
            ('last', instant(c.last), instant(f.last)), ('hash', c.hash::text, f.hash::text),
            ('first_reply', instant(c.first_reply), instant(f.first_reply)), ('round', c.round::text, f.round::text),
            ('reply_due', instant(c.reply_due), instant(shown_at(c, f.reply_due))), ('reply_open', c.reply_open::text, f.reply_open::text),
            ('overdue', c.overdue::text, f.overdue::text), ('supporters', c.supporters::text, f.supporters::text)) as k (name, kept, computed)
        where c.community = of_community and k.kept is distinct from k.computed
          and row(c.status, c.turn, c.department, c.last, c.hash, c.first_reply, c.round, c.reply_due, c.reply_open, c.overdue, c.supporters) is distinct from
              row(f.status, f.turn, f.department, f.last, f.hash, f.first_reply, f.round, shown_at(c, f.reply_due), f.reply_open, f.overdue, f.supporters);
    return query
        select format('complaint %s', c.complaint), 'keeps that it lay with others than its events say'
        from wall.complaint c
        where c.community = of_community and c.responsibility <> responsibility_of(c.community, c.complaint, c.round_times, c.first_reply);
    return query
        select format('complaint %s', c.complaint), format('%s supporters are counted, but %s have not taken it back', c.supporters, coalesce(s.count, 0))
        from wall.complaint c
        left join (select x.complaint, count(*) as count from wall.support x where x.community = of_community and x.ended is null group by x.complaint) s
            using (complaint)
        where c.community = of_community and c.supporters <> coalesce(s.count, 0);
end $$;

-- Whether it is shown: as the last event says that changed it (before version 11 of the tables, `publish` and `hide` said so by their names).
create function verify_publication(of_community text) returns table (what text, difference text) language plpgsql stable as $$
begin
    return query
        with said as (
            select distinct on (e.complaint) e.complaint,
                   coalesce(e.data->>'publication', case e.action when 'publish' then 'published' when 'hide' then 'hidden' end) as publication
            from wall.event e
            where e.community = of_community and (e.data ? 'publication' or e.action in ('publish', 'hide')) order by e.complaint, e.seq desc
        )
        select format('complaint %s', c.complaint), format('is %s, but its events say %s', c.publication, coalesce(s.publication, 'nothing'))
        from wall.complaint c left join said s using (complaint)
        where c.community = of_community and c.publication is distinct from s.publication;
end $$;

-- A deadline is open until it is met or void; of those that end when they pass, until they are breached.
create function verify_timers(of_community text) returns table (what text, difference text) language plpgsql stable as $$
begin
    return query
        with open as (
            select d.complaint, d.kind, d.round, d.due, coalesce(m.breached, false) as breached
            from wall.deadline d left join (
                select x.complaint, x.kind, x.round, bool_or(x.mark = 'breached') as breached, bool_or(x.mark in ('met', 'void')) as ended
                from wall.deadline_mark x where x.community = of_community group by x.complaint, x.kind, x.round) as m using (complaint, kind, round)
            where d.community = of_community and not coalesce(m.ended or m.breached and moves_when_due(d.kind), false)
        )
        select format('complaint %s, deadline %s %s', complaint, kind, round), case when t.deadline is null then 'is open, but has no timer'
                   when o.due is null then 'has a timer, but is not open' else 'has a timer that does not fit' end
        from (select * from wall.timer x where x.community = of_community) as t full join open o using (complaint, kind, round)
        where row(t.deadline, t.breached) is distinct from row(o.due, o.breached);
    return query
        select format('complaint %s, deadline %s %s', t.complaint, t.kind, t.round), format('%s reminders are counted, but there are %s', t.level, count(r.level))
        from wall.timer t left join wall.reminder r using (community, complaint, round)
        where t.community = of_community and t.kind = 'reply' group by t.complaint, t.kind, t.round, t.level having t.level <> count(r.level);
end $$;

-- What supervision cases keep for now: where each stands, and until when its last step but for reminders is due, unless that was told already.
create function verify_supervision(of_community text) returns table (what text, difference text) language plpgsql stable as $$
begin
    return query
        select format('supervision case %s', s.supervision), format('is kept as %s, but its last step says %s', s.status, (standing(s)).status)
        from wall.supervision s where s.community = of_community and s.status is distinct from (standing(s)).status;
    return query
        with owed as (
            select k.supervision, k.due from (
                select distinct on (a.supervision) a.supervision, a.due, a.action from wall.supervision_act a
                where a.community = of_community and a.action not in ('remind', 'pass_on') order by a.supervision, a.seq desc) as k
            where k.action <> 'overdue' and k.due is not null
        )
        select format('supervision case %s', supervision), case when t.due is null then 'is due, but has no timer'
                   when o.due is null then 'has a timer, but nothing is due' else 'has a timer that does not fit' end
        from (select * from wall.supervision_timer x where x.community = of_community) as t full join owed o using (supervision)
        where t.due is distinct from o.due;
end $$;

-- Whom a complaint belongs together with: as the last link says. Of one with rounded times the moment of the link is rounded as well.
create function verify_clusters(of_community text) returns table (what text, difference text) language plpgsql stable as $$
begin
    return query
        with linked as (
            select l.* from (
                select distinct on (x.complaint) x.* from wall.cluster_link x where x.community = of_community order by x.complaint, x.seq desc) as l
            where l.act <> 'parted'
        )
        select format('complaint %s', coalesce(m.complaint, l.complaint)), case when m.cluster is null then format('was linked to cluster %s, but is not kept there', l.cluster)
                   when l.cluster is null then format('is kept in cluster %s, but no link says so', m.cluster)
                   else format('is kept in its cluster as %s, but comes to %s', row(m.cluster, m.confirmed, m.since, m.submitted),
                               row(l.cluster, l.act = 'confirmed', l.at, c.submitted)) end
        from (select * from wall.cluster_member x where x.community = of_community) as m full join linked l on l.complaint = m.complaint
        left join wall.complaint c on c.community = of_community and c.complaint = coalesce(m.complaint, l.complaint)
        where row(m.cluster, m.confirmed, shown_at(c, m.since), m.submitted) is distinct from
              row(l.cluster, l.act = 'confirmed', shown_at(c, l.at), c.submitted);
end $$;

-- A breach is at its due, and none is missing among what is settled.
create function verify_breaches(of_community text) returns table (what text, difference text) language plpgsql stable as $$
begin
    return query
        select format('complaint %s, deadline %s %s', d.complaint, d.kind, d.round), case when b.at is null then 'passed unmet, but no breach is recorded'
                   when b.at <> d.due then 'was not breached at its due' else 'was met in time and is breached nevertheless' end
        from wall.deadline d
        left join wall.deadline_mark b on b.community = d.community and b.complaint = d.complaint and b.kind = d.kind and b.round = d.round and b.mark = 'breached'
        left join wall.deadline_mark e on e.community = d.community and e.complaint = d.complaint and e.kind = d.kind and e.round = d.round and e.mark in ('met', 'void')
        where d.community = of_community and (
            b.at is null and d.due <= (select settled_until from wall.community where community = of_community) and coalesce(e.at > d.due, true)
            or b.at <> d.due or b.at is not null and e.at <= d.due);
end $$;

create function verify(of_community text) returns table (what text, difference text)
language plpgsql stable set plan_cache_mode = force_custom_plan set work_mem = '64MB' as $$
begin
    return query select * from days_in_order(of_community);
    return query select * from verify_days(of_community);
    return query select * from verify_chains(of_community);
    return query select * from verify_caches(of_community);
    return query select * from verify_publication(of_community);
    return query select * from verify_timers(of_community);
    return query select * from verify_breaches(of_community);
    return query select * from verify_supervision(of_community);
    return query select * from verify_clusters(of_community);
    return query select * from verify_bulletins(of_community);
    return query select * from verify_surveys(of_community);
    return query select * from verify_hours(of_community);
    return query select * from verify_months(of_community);
    return query select * from verify_sums(of_community);
end $$;
