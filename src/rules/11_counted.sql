-- What each complaint adds to which figure, as of any moment: the one place where it is said what counts. Everything comes from facts up to that
-- moment - events, deadlines and their marks, ratings, visits, links; the columns that `complaint` holds for now are used only where nothing has
-- happened to it since. So a figure as of a past moment is what was said then, sums of groups are the whole, and a figure can show its cases.

-- `part` is empty, or names what stands beside the figure itself; `department` is whose doing it was; `moment` says to which day it belongs.
create type counted as (figure text collate "C", part text collate "C", complaint uuid, department uuid, category text, building text, moment timestamptz,
                        numerator bigint, denominator bigint);

create function category_then(of_community text, of_complaint uuid, as_of timestamptz) returns text language plpgsql stable as $$
begin
    return (select e.data->>'category' from wall.event e
            where e.community = of_community and e.complaint = of_complaint and e.at <= as_of and e.action in ('submit', 'assign', 'reassign', 'classify')
              and e.data->>'category' is not null order by e.seq desc limit 1);
end $$;

-- Was its last round answered? What is closed, withdrawn or merged is as answered as it was before.
create function answered_then(of_community text, of_complaint uuid, as_of timestamptz) returns boolean language plpgsql stable as $$
begin
    return coalesce((
        select e.status = 'answered' from wall.event e
        where e.community = of_community and e.complaint = of_complaint and e.at <= as_of and not is_final(e.status) order by e.seq desc limit 1), false);
end $$;

create function rejected_as_spam(of_community text, of_complaint uuid, as_of timestamptz) returns boolean language plpgsql stable as $$
begin
    return coalesce((
        select e.data->>'reason' = 'spam' from wall.event e
        where e.community = of_community and e.complaint = of_complaint and e.at <= as_of and e.action = 'reject' order by e.seq desc limit 1), false);
end $$;

-- A complaint as it was at a moment: of what nothing happened to since, by its columns; of the others by the last event until then.
create function state_then(c wall.complaint, as_of timestamptz)
returns table (status text, turn text, department uuid, category text, answered boolean, spam boolean) language sql stable as $$
    select c.status, c.turn, c.department, c.category, c.answered is not null, c.status = 'rejected' and coalesce(c.result = 'spam', false)
    where c.last <= as_of
    union all
    select e.status, e.turn, e.department, category_then(c.community, c.complaint, as_of), answered_then(c.community, c.complaint, as_of),
           e.status = 'rejected' and rejected_as_spam(c.community, c.complaint, as_of)
    from (select x.status, x.turn, x.department from wall.event x
          where x.community = c.community and x.complaint = c.complaint and x.at <= as_of order by x.seq desc limit 1) as e
    where c.last > as_of
$$;

-- The moment as of which somebody hears of a complaint who asks for a past one. `coarse`: where the reporter asked for rounded times, nobody finds out
-- more by asking for one moment after the other.
create function heard_as_of(c wall.complaint, as_of timestamptz, coarse boolean) returns timestamptz language sql stable as $$
    select case when coarse and c.round_times then date_trunc('hour', as_of, 'UTC') else as_of end
$$;

-- Those of a period; or, where they are named, `chosen` ones, whenever they were submitted.
create function complaints_among(of_community text, since timestamptz, until timestamptz, chosen uuid[]) returns setof wall.complaint language sql stable as $$
    select * from wall.complaint c where c.community = of_community and c.submitted >= since and c.submitted < until and chosen is null
    union all
    select * from wall.complaint c where c.community = of_community and c.complaint = any(chosen)
$$;

-- Complaints as they were at a moment. `counts`: neither spam nor withdrawn before the reply was due. `under`: another policy than their own.
create function filed(of_community text, since timestamptz, until timestamptz, moment timestamptz, coarse boolean, under wall.policy, chosen uuid[])
returns table (complaint uuid, as_of timestamptz, submitted timestamptz, building text, department uuid, category text, turn text, answered boolean, closed boolean,
               spam boolean, counts boolean, first_reply timestamptz, reply_due timestamptz, scored interval, setbacks boolean)
language sql stable as $$
    select c.complaint, k.as_of, c.submitted, c.building, t.department, t.category, t.turn, t.answered, t.status = 'closed', t.spam,
           not t.spam and not (t.status = 'withdrawn' and c.closed <= c.submitted + coalesce(under.reply, p.reply)),
           case when c.first_reply <= k.as_of then c.first_reply end, c.submitted + coalesce(under.reply, p.reply),
           coalesce(under.followup_scored, p.followup_scored), c.redos + c.returns > 0
    from complaints_among(of_community, since, until, chosen) as c join wall.policy p on p.community = c.community and p.version = c.policy
    cross join lateral (select heard_as_of(c, moment, coarse) as as_of) as k
    cross join lateral state_then(c, k.as_of) as t
    where c.submitted <= k.as_of
$$;

-- In steps of how many minutes a time is counted: a minute up to 20, then 5 up to an hour, 15 up to 4 hours, 30 up to 12, an hour up to a day, 3 hours up
-- to three days, a day up to thirty, and thirty days.
create function step_of(seconds double precision) returns integer language sql immutable as $$
    select ('{1,5,15,30,60,180,1440,43200}'::integer[])[width_bucket(seconds, '{-1,1200,3600,14400,43200,86400,259200,2592000}'::float8[])]
$$;

-- How many minutes a complaint waited, rounded up to a step. One expression, so that it becomes part of the query.
create function waited(began timestamptz, ended timestamptz) returns integer language sql immutable as $$
    select ceil(date_part('epoch', ended - began) / (60 * step_of(date_part('epoch', ended - began))))::integer * step_of(date_part('epoch', ended - began))
$$;

-- When did a complaint that never had a reply leave the department's turn for good?
create function left_at(of_community text, of_complaint uuid, as_of timestamptz) returns timestamptz language plpgsql stable as $$
begin
    return (select min(e.at) from wall.event e
            where e.community = of_community and e.complaint = of_complaint and e.at <= as_of and e.seq > (
                select max(x.seq) from wall.event x where x.community = of_community and x.complaint = of_complaint and x.at <= as_of and x.turn = 'department'));
end $$;

-- Had it closed for want of an answer to a question, before it was reopened by this event? Then no answer was sent back.
create function closed_unanswered(of_community text, of_complaint uuid, reopening bigint) returns boolean language plpgsql stable as $$
begin
    return exists (
        select from wall.deadline_mark m
        where m.community = of_community and m.complaint = of_complaint and m.kind = 'need_info' and m.mark = 'breached'
          and m.at = (select max(x.at) from wall.event x where x.community = of_community and x.complaint = of_complaint and x.seq < reopening
                      and x.action in ('lapse', 'confirm')));
end $$;

create function holder_at(of_community text, of_complaint uuid, moment timestamptz) returns uuid language plpgsql stable as $$
begin
    return (select e.department from wall.event e
            where e.community = of_community and e.complaint = of_complaint and e.at <= moment order by e.seq desc limit 1);
end $$;

-- Whom did it lie with? The time on the departments' turn between two moments, split over those that held it, the first holder first. With
-- rounded moments where the reporter asked for them: nobody finds out from a duration when it was filed.
create function held_seconds(of_community text, of_complaint uuid, rounded boolean, since timestamptz, until timestamptz)
returns table (department uuid, seconds bigint, first bigint) language plpgsql stable as $$
begin
    return query
        with held as (
            select e.seq, e.turn, e.department as holder, k.at as began, coalesce(lead(k.at) over (order by e.seq), 'infinity') as ended
            from wall.event e cross join lateral (select event_at(rounded, e) as at) as k
            where e.community = of_community and e.complaint = of_complaint
        )
        select h.holder, round(extract(epoch from sum(least(h.ended, until) - greatest(h.began, since))))::bigint, min(h.seq)
        from held h where h.turn = 'department' and h.began < until and h.ended > since and h.ended > h.began group by h.holder order by 3;
end $$;

-- The same of one complaint until its first reply, or until now in whole minutes, so that what is shown does not change with every second.
create function responsibility_of(of_community text, of_complaint uuid, rounded boolean, first_reply timestamptz) returns text language plpgsql stable as $$
begin
    return (select json_list(string_agg(json_build_object('department', json_build_object('id', d.department, 'name', d.name), 'seconds', h.seconds)::text, ','
                                        order by h.first))
            from held_seconds(of_community, of_complaint, rounded, '-infinity', coalesce(first_reply, date_trunc('minute', wall_now()))) as h
            join wall.department d on d.community = of_community and d.department = h.department);
end $$;

-- From the first reply on it is the same for ever and is kept - but where moments are rounded: what comes later may then seem to have been before.
create function settle_responsibility(inout c wall.complaint) language plpgsql as $$
begin
    if c.responsibility is null and not c.round_times then
        c.responsibility := responsibility_of(c.community, c.complaint, false, c.first_reply);
    end if;
end $$;

create function responsibility_shown(c wall.complaint) returns text language plpgsql stable as $$
begin
    if c.responsibility is null and not c.round_times and coalesce(c.first_reply, date_trunc('minute', wall_now())) <= c.submitted then
        return '[]';                             -- filed in this very minute
    end if;
    return coalesce(c.responsibility, responsibility_of(c.community, c.complaint, c.round_times, c.first_reply));
end $$;

create function responsibility_json(of_community text, of_complaint uuid) returns text
language plpgsql stable security definer set search_path = wall, rules, pg_temp as $$
begin
    return (select responsibility_of(of_community, of_complaint, c.round_times, c.first_reply)
            from wall.complaint c where c.community = of_community and c.complaint = of_complaint);
end $$;

-- Was another one of its cluster submitted in the thirty days before? As the links stood: the last act on each decides.
create function repeats_another(of_community text, of_complaint uuid, submitted timestamptz, as_of timestamptz, only_confirmed boolean) returns boolean
language plpgsql stable as $$
declare
    mine wall.cluster_link;
begin
    select * into mine from wall.cluster_link l
    where l.community = of_community and l.complaint = of_complaint and l.at <= as_of order by l.seq desc limit 1;
    if mine.act is null or mine.act = 'parted' or only_confirmed and mine.act <> 'confirmed' then
        return false;
    end if;
    return exists (
        select from wall.cluster_link o join wall.complaint c on c.community = o.community and c.complaint = o.complaint
        where o.community = of_community and o.cluster = mine.cluster and o.complaint <> of_complaint and o.act <> 'parted' and o.at <= as_of
          and c.submitted >= repeats_another.submitted - interval '30 days' and (c.submitted, c.complaint) < (repeats_another.submitted, of_complaint)
          and not exists (select from wall.cluster_link n where n.community = o.community and n.complaint = o.complaint and n.seq > o.seq and n.at <= as_of));
end $$;

-- Since when it had been in a status when an event came. Null: it was in another one.
create function status_began(of_community text, of_complaint uuid, of_status text, before bigint) returns timestamptz language plpgsql stable as $$
begin
    return (select e.at from wall.event e
            where e.community = of_community and e.complaint = of_complaint and e.seq < before and e.seq > coalesce((
                select max(o.seq) from wall.event o
                where o.community = of_community and o.complaint = of_complaint and o.seq < before and o.status <> of_status), 0)
            order by e.seq limit 1);
end $$;

create function done_before(of_community text, of_complaint uuid, of_action text, before bigint) returns bigint language plpgsql stable as $$
begin
    return (select count(*) from wall.event e where e.community = of_community and e.complaint = of_complaint and e.seq < before and e.action = of_action
            and e.actor_kind <> 'supervisor');
end $$;

-- Would another policy have let this be done, by its windows and by how often? What it would have let and nobody did is in no fact.
create function is_let(under wall.policy, of_community text, of_complaint uuid, e wall.event) returns boolean language plpgsql stable as $$
begin
    return case
        when e.action = 'redo' and under.lapse is not null then
            coalesce(e.at <= status_began(of_community, of_complaint, 'answered', e.seq) + under.lapse, true)
        when e.action = 'rating' and under.rating is not null then
            coalesce(e.at <= status_began(of_community, of_complaint, 'closed', e.seq) + under.rating, true)
        when e.action = 'reopen' and e.actor_kind <> 'supervisor' then
            coalesce(e.at <= status_began(of_community, of_complaint, 'closed', e.seq) + under.reopen, true)
            and coalesce(done_before(of_community, of_complaint, 'reopen', e.seq) < under.max_reopens, true)
        when e.action = 'return' then
            coalesce(e.at <= under.return_window + (
                select h.began from wall.holding h
                where h.community = of_community and h.complaint = of_complaint and h.kind = 'lead' and h.seq < e.seq order by h.seq desc limit 1), true)
            and coalesce(done_before(of_community, of_complaint, 'return', e.seq) < under.max_returns, true)
        else true end;
end $$;

-- Everything that is counted over a period's complaints, or over `chosen` ones. A deadline that lost its object before it was due counts nowhere; one that was
-- breached counts for the department that held the case then, whoever answered later. Everything is found by index from the period's complaints, so
-- that what it costs grows with them and not with all that there ever was. One query, so that it becomes part of the one that sums it up.
create function count_cohort(of_community text, since timestamptz, until timestamptz, moment timestamptz, coarse boolean, under wall.policy, chosen uuid[] default null)
returns setof counted
language sql stable as $$
    with filed as materialized (
        select * from filed(of_community, since, until, moment, coarse, under, chosen)
    ), cohort as materialized (
        select * from filed f where f.counts
    ), owed as materialized (
        select d.kind, d.department, c.complaint, c.as_of, c.department as holder, d.round, e.department as ended_by, l.due, d.began, c.category, c.building, c.submitted,
               coalesce(e.mark = 'met' and e.at <= l.due, false) as in_time, coalesce(e.mark = 'void' and e.at <= l.due, false) as dropped
        from cohort c
        cross join lateral (
            select * from wall.deadline x
            where x.community = of_community and x.complaint = c.complaint and x.kind in ('reply', 'accept', 'followup') and x.began <= c.as_of offset 0) as d
        left join lateral (
            select * from wall.deadline_mark x
            where x.community = d.community and x.complaint = d.complaint and x.kind = d.kind and x.round = d.round and x.mark in ('met', 'void') and x.at <= c.as_of
            offset 0) as e on true
        cross join lateral (select case d.kind when 'followup' then d.began + c.scored when 'reply' then coalesce(d.began + under.reply, d.due)
                                   else coalesce(d.began + under.accept, d.due) end as due) as l
    ), kept as materialized (
        select o.*, not o.dropped and (o.due <= o.as_of or o.kind = 'reply' and o.in_time) as counts,
               case when o.kind <> 'reply' then o.department when o.in_time then o.ended_by when under.version is not null then holder_at(of_community, o.complaint, o.due)
                    else coalesce((select b.department from wall.deadline_mark b
                                   where b.community = of_community and b.complaint = o.complaint and b.kind = o.kind and b.round = o.round and b.mark = 'breached'
                                     and b.at <= o.as_of),
                                  o.holder) end as owner
        from owed o
    ), visited as materialized (
        select f.*, c.as_of, c.category, c.building, c.submitted
        from cohort c
        cross join lateral (select * from wall.followup x where x.community = of_community and x.complaint = c.complaint and x.reached and x.at <= c.as_of offset 0) as f
    )
    select 'reply_rate', p.part, c.complaint, c.department, c.category, c.building, c.submitted, (c.first_reply is not null)::integer::bigint, 1::bigint
    from cohort c cross join (values (''), ('matured')) as p (part) where p.part = '' or c.reply_due <= c.as_of
    union all
    select 'time_to_reply', 'r' || waited(c.submitted, c.first_reply), c.complaint, c.department, c.category, c.building, c.submitted, 1, 1
    from cohort c where c.first_reply is not null
    union all
    select 'time_to_reply', 'l' || waited(c.submitted, left_at(of_community, c.complaint, c.as_of)), c.complaint, c.department, c.category, c.building, c.submitted, 0, 1
    from cohort c where c.first_reply is null and c.turn <> 'department'
    union all
    select 'time_to_reply', 'within_' || h.hours, c.complaint, c.department, c.category, c.building, c.submitted,
           coalesce(c.first_reply <= c.submitted + make_interval(hours => h.hours), false)::integer, 1
    from cohort c cross join unnest('{1,4,12,24,48,72}'::integer[]) as h (hours) where c.submitted + make_interval(hours => h.hours) <= c.as_of
    union all
    select case k.kind when 'reply' then 'on_time_rate' when 'accept' then 'accept_rate' else 'followup_rate' end, '', k.complaint, k.owner, k.category, k.building,
           k.submitted, (k.counts and k.in_time)::integer, k.counts::integer
    from kept k
    union all
    select case k.kind when 'accept' then 'return_rate' else 'redo_rate' end, '', k.complaint, k.owner, k.category, k.building, k.submitted, 0, 1
    from kept k where k.kind <> 'reply'
    union all
    select case e.action when 'return' then 'return_rate' else 'redo_rate' end, '', c.complaint,
           case e.action when 'return' then (e.data->>'from')::uuid else e.department end, c.category, c.building, c.submitted, 1, 0
    from cohort c
    cross join lateral (
        select * from wall.event x where x.community = of_community and x.complaint = c.complaint and x.action in ('redo', 'reopen', 'return') and x.status <> 'merged'
        and x.at <= c.as_of offset 0) as e
    where c.setbacks and not (e.action = 'reopen' and closed_unanswered(of_community, c.complaint, e.seq))
      and (under.version is null or is_let(under, of_community, c.complaint, e))
    union all
    select 'reopen_rate', '', c.complaint, e.department, c.category, c.building, c.submitted, 1, 1
    from cohort c
    cross join lateral (select * from wall.event x where x.community = of_community and x.complaint = c.complaint and x.action = 'reopen' and x.at <= c.as_of offset 0) as e
    where c.setbacks and (under.version is null or is_let(under, of_community, c.complaint, e))
    union all
    select 'reopen_rate', '', c.complaint, c.department, c.category, c.building, c.submitted, 0, 1 from cohort c where c.closed
    union all
    select 'repeat_rate', p.part, c.complaint, c.department, c.category, c.building, c.submitted,
           repeats_another(of_community, c.complaint, c.submitted, c.as_of, p.part = 'confirmed')::integer, 1
    from cohort c cross join (values (''), ('confirmed')) as p (part)
    union all
    select 'holder_time', '', k.complaint, h.department, k.category, k.building, k.submitted, h.seconds, null
    from kept k join wall.complaint c on c.community = of_community and c.complaint = k.complaint
    cross join lateral held_seconds(of_community, k.complaint, c.round_times, shown_at(c, k.began), shown_at(c, k.due)) as h
    where k.kind = 'reply' and k.counts and not k.in_time
    union all
    select 'holder_time', 'breached', k.complaint, k.owner, k.category, k.building, k.submitted, 1, null
    from kept k where k.kind = 'reply' and k.counts and not k.in_time
    union all
    select 'classification_accuracy', '', c.complaint, c.department, c.category, c.building, c.submitted, (p.suggested = c.category)::integer, 1
    from cohort c
    cross join lateral (
        select max(x.category) filter (where x.by in ('lexicon', 'model') and x.rank = 1) as suggested, bool_or(x.by = 'dispatcher') as confirmed
        from wall.classification x where x.community = of_community and x.complaint = c.complaint and x.at <= c.as_of offset 0) as p
    where c.category is not null and p.suggested is not null and (c.answered or p.confirmed)
    union all
    select 'satisfaction', '', c.complaint, r.department, c.category, c.building, c.submitted, (r.stars >= 4)::integer, 1
    from cohort c
    cross join lateral (select * from wall.rating x where x.community = of_community and x.complaint = c.complaint and x.counts and x.at <= c.as_of offset 0) as r
    where under.rating is null or is_let(under, of_community, c.complaint, (
        select e from wall.event e where e.community = of_community and e.complaint = c.complaint and e.action = 'rating' and e.at = r.at limit 1))
    union all
    select 'satisfaction', '', f.complaint, f.department, f.category, f.building, f.submitted, (f.stars >= 4)::integer, 1
    from (        -- what a visitor was told, where the reporter did not rate
        select distinct on (v.complaint, v.round) v.* from visited v
        where v.stars is not null and 0 = (
            select count(*) from wall.rating r
            where r.community = v.community and r.complaint = v.complaint and r.round = v.round and r.support is null and r.at <= v.as_of)
        order by v.complaint, v.round, v.at desc, v.seq desc) as f
    union all
    select 'contacted', '', v.complaint, v.department, v.category, v.building, v.submitted, coalesce(v.contacted, false)::integer, 1 from visited v
    union all
    select 'solved', '', v.complaint, v.department, v.category, v.building, v.submitted, coalesce(v.solved = 'yes', false)::integer, 1 from visited v
    union all
    select 'spam', '', f.complaint, f.department, f.category, f.building, f.submitted, 1, null from filed f where f.spam
    union all
    select 'demand_change', 'submitted', f.complaint, f.department, f.category, f.building, f.submitted, 1, null from filed f where not f.spam
$$;

-- Resolved in time: by what was due in the period, whenever it was submitted. The end of a day falls due in it, not in the next one.
create function count_resolved(of_community text, since timestamptz, until timestamptz, as_of timestamptz, chosen uuid[] default null) returns setof counted
language sql stable as $$
    select 'resolve_rate', '', c.complaint, coalesce(e.department, t.department), t.category, c.building, d.due - interval '1 microsecond',
           coalesce(e.mark = 'met' and e.at <= d.due, false)::integer::bigint, 1::bigint
    from (select x.complaint, x.kind, x.round, x.due from wall.deadline x
          where x.community = of_community and x.kind = 'resolve' and x.due > since and x.due <= least(until, as_of) and chosen is null
          union all
          select x.complaint, x.kind, x.round, x.due from wall.deadline x
          where x.community = of_community and x.complaint = any(chosen) and x.kind = 'resolve' and x.due <= as_of) as d
    join wall.complaint c on c.community = of_community and c.complaint = d.complaint
    cross join lateral state_then(c, as_of) as t
    left join lateral (
        select * from wall.deadline_mark x
        where x.community = of_community and x.complaint = d.complaint and x.kind = d.kind and x.round = d.round and x.mark in ('met', 'void') and x.at <= as_of
        offset 0) as e on true
    where coalesce(not (e.mark = 'void' and e.at <= d.due), true)
$$;

-- Complaints that were not filed because one like them was there, by where that one is.
create function count_avoided(of_community text, since timestamptz, until timestamptz, as_of timestamptz, chosen uuid[] default null) returns setof counted
language sql stable as $$
    select 'repeats_avoided', p.part, c.complaint, t.department, t.category, c.building, a.at, 1::bigint, null::bigint
    from (select x.complaint, x.kind, x.at from wall.repeat_avoided x
          where x.community = of_community and x.at >= since and x.at < until and x.at <= as_of and chosen is null
          union all
          select x.complaint, x.kind, x.at from wall.repeat_avoided x where x.community = of_community and x.complaint = any(chosen) and x.at <= as_of) as a
    join wall.complaint c on c.community = of_community and c.complaint = a.complaint
    cross join lateral state_then(c, as_of) as t
    cross join lateral (values (''), (a.kind)) as p (part)
$$;

-- What is on a department's turn, by the day it was submitted on, and what of it waits for a first reply: for sums, which know no hours.
create function count_held(of_community text, moment timestamptz, chosen uuid[]) returns setof counted language sql stable as $$
    select p.figure, p.part, f.complaint, f.department, f.category, f.building, f.submitted, p.numerator, p.denominator
    from filed(of_community, '-infinity', 'infinity', moment, false, null, chosen) as f
    cross join lateral (values ('backlog', '', 1::bigint, null::bigint), ('time_to_reply', 'waits', 0, (f.first_reply is null)::integer)) as p (figure, part, numerator, denominator)
    where f.turn = 'department'
$$;

-- Everything that belongs to a day by what happened, and stays until something happens to the complaint or one of its moments comes: see affected().
-- Of chosen complaints, or (null) of all.
create function count_dated(of_community text, moment timestamptz, chosen uuid[]) returns setof counted language sql stable as $$
    select * from count_cohort(of_community, '-infinity', 'infinity', moment, false, null, chosen)
    union all
    select * from count_resolved(of_community, '-infinity', 'infinity', moment, chosen)
    union all
    select * from count_avoided(of_community, '-infinity', 'infinity', moment, chosen)
    union all
    select * from count_held(of_community, moment, chosen)
$$;

-- Of so many days before today: as many minutes as it has surely waited; after thirty, longer than any that has a reply.
create function waiting_days(days integer) returns integer language sql immutable as $$
    select case when days <= 30 then (days - 1) * 1440 else 2000000000 end
$$;

-- How long an open complaint waits for its first reply, in minutes as waited(): one of today or yesterday to the step, an older one by the days.
create function waiting_since(submitted timestamptz, as_of timestamptz, zone text) returns integer language plpgsql immutable as $$
declare
    days integer := (as_of at time zone zone)::date - (submitted at time zone zone)::date;
begin
    return case when days <= 1 then waited(submitted, as_of) else waiting_days(days) end;
end $$;

-- What was on a department's turn; and of those submitted in the period, without a reply, how long they had been waiting.
create function count_open(of_community text, since timestamptz, until timestamptz, zone text, as_of timestamptz, coarse boolean) returns setof counted
language sql stable as $$
    with open as materialized (
        select c.complaint, c.department, c.category, c.building, c.submitted, k.as_of, c.first_reply is null as waits
        from wall.complaint c cross join lateral (select heard_as_of(c, count_open.as_of, coarse) as as_of) as k
        where c.community = of_community and c.turn = 'department' and c.last <= k.as_of
        union all
        select c.complaint, t.department, t.category, c.building, c.submitted, k.as_of, coalesce(c.first_reply > k.as_of, true)
        from (select distinct x.complaint from wall.event x
              where x.community = of_community and x.at > case when coarse then date_trunc('hour', count_open.as_of, 'UTC') else count_open.as_of end) as later
        join wall.complaint c on c.community = of_community and c.complaint = later.complaint
        cross join lateral (select heard_as_of(c, count_open.as_of, coarse) as as_of) as k
        cross join lateral state_then(c, k.as_of) as t
        where c.last > k.as_of and t.turn = 'department'
    )
    select 'backlog', '', o.complaint, o.department, o.category, o.building, o.submitted, 1::bigint, null::bigint from open o
    union all
    select 'oldest', '', o.complaint, o.department, o.category, o.building, o.submitted, floor(extract(epoch from o.as_of - o.submitted))::bigint, null from open o
    union all
    select 'time_to_reply', 'o' || waiting_since(o.submitted, o.as_of, zone), o.complaint, o.department, o.category, o.building, o.submitted, 0, 1
    from open o where o.waits and o.submitted >= since and o.submitted < until
$$;

-- The last seven times 24 hours, and the eight weeks before them.
create function count_demand(of_community text, until timestamptz, as_of timestamptz) returns setof counted language sql stable as $$
    select 'demand_change', '', f.complaint, f.department, f.category, f.building, f.submitted,
           (f.submitted > until - interval '168 hours')::integer::bigint, (f.submitted <= until - interval '168 hours')::integer::bigint
    from filed(of_community, until - interval '1512 hours' + interval '1 microsecond', until + interval '1 microsecond', count_demand.as_of, false, null, null) as f where not f.spam
$$;

-- Of the daily clearing the cases that spoiled a day.
create function count_uncleared(of_community text, from_day date, to_day date, as_of timestamptz) returns setof counted language sql stable as $$
    select 'clearing_rate', '', k.complaint, k.department, c.category, c.building, r.cutoff - interval '1 microsecond', 0::bigint, 1::bigint
    from wall.clearing r join wall.clearing_case k using (community, day, department) join wall.complaint c using (community, complaint)
    where r.community = of_community and r.day between from_day and to_day and r.cutoff < as_of and not k.late_arrival
$$;
