-- Taking a day (10_clearing.sql): at its cutoff what it came to is written down and told, and what has gone on for too long becomes a supervision case.

-- Since when a department answers is a fact of its own; it begins and ends in no day that is taken.
create function note_department() returns trigger language plpgsql security definer set search_path = wall, rules, pg_temp as $$
begin
    perform pg_advisory_xact_lock_shared(community_lock(new.community));
    insert into wall.department_change
    select community, new.department, greatest(wall_now(), settled_until + interval '1 microsecond'), new.active
    from wall.community where community = new.community
    on conflict (community, department, at) do update set active = excluded.active;
    return null;
end $$;
create trigger department_begins after insert on wall.department for each row execute function note_department();
create trigger department_changes after update on wall.department for each row when (new.active <> old.active) execute function note_department();

-- Everything that is due at or before the cutoff happens before the day is looked at.
create function settle_community(of_community text, upto timestamptz) returns void language plpgsql as $$
declare
    due_then uuid;
    c wall.complaint;
begin
    for due_then in select t.complaint from wall.timer t where t.due <= upto and t.community = of_community group by t.complaint order by min(t.due) loop
        select * into c from wall.complaint x where x.community = of_community and x.complaint = due_then for update;
        perform settle(c, upto + interval '1 microsecond');
    end loop;
end $$;

create function audience_of(of_community text, of_department uuid) returns text language sql stable as $$
    select case when of_department = dispatch_office(of_community) then 'dispatchers' else 'officers' end
$$;

-- Ids and numbers of cases, the first hundred, for those who have to do something about them.
create function numbers_json(of_community text, cases uuid[]) returns jsonb language sql stable as $$
    select coalesce(jsonb_agg(jsonb_build_object('id', c.complaint, 'number', c.number) order by c.reply_due, c.complaint), '[]')
    from unnest(cases[:100]) as k join wall.complaint c on c.community = of_community and c.complaint = k
$$;

create function tell_department(of_community text, of_department uuid, audience text, event text, at timestamptz, payload jsonb) returns void language sql as $$
    insert into wall.outbox (community, at, channel, event, audience, department, payload, due)
    values (of_community, at, 'file', event, audience, of_department, payload, at)
$$;

create function tell_not_cleared(of_community text, d day_bounds) returns void language plpgsql as $$
begin
    perform tell_department(of_community, r.department, audience_of(of_community, r.department), 'not_cleared', d.cutoff, jsonb_build_object(
        'day', d.day, 'open', r.open, 'late_arrivals', r.late_arrivals, 'cases', numbers_json(of_community, array(
            select k.complaint from wall.clearing_case k where k.community = of_community and k.day = d.day and k.department = r.department
            order by k.reply_due, k.complaint))))
    from (select * from wall.clearing x where x.community = of_community and x.day = d.day and not x.cleared order by x.department) as r;
end $$;

create function supervision_is_open(s wall.supervision) returns boolean language sql immutable as $$
    select s.status not in ('confirmed', 'dismissed')
$$;

-- A reason for a supervision case that opens by itself.
create type supervision_hit as (subject text, complaint uuid, department uuid, rule text, words text);

-- Who looks after what no person opened: the supervisor with the fewest open cases. Null: there is none.
create function idlest_supervisor(of_community text) returns uuid language plpgsql stable as $$
begin
    return (select s.staff from wall.staff s where s.community = of_community and s.role = 'supervisor' and s.active
            order by (select count(*) from wall.supervision v
                      where v.community = of_community and supervision_is_open(v) and (standing(v)).owner = s.staff), s.staff limit 1);
end $$;

-- They open at the cutoff that was one too many; the first step is due when a reply would be.
create function supervise(of_community text, hits supervision_hit[], at timestamptz, due timestamptz) returns void language plpgsql as $$
begin
    with opened as (
        insert into wall.supervision
        select of_community, made_id(supervise.at), h.subject, h.complaint, h.department, h.rule, h.words, supervise.at, supervise.due from unnest(hits) as h
        returning supervision, rule, complaint, department
    ), screened as (
        insert into wall.supervision_act (community, supervision, seq, status, at, owner, due)
        select of_community, o.supervision, 1, 'screened', supervise.at, idlest_supervisor(of_community), supervise.due from opened o
    ), timed as (
        insert into wall.supervision_timer select of_community, o.supervision, supervise.due from opened o
    )
    insert into wall.outbox (community, at, channel, event, audience, complaint, department, payload, due)
    select of_community, supervise.at, 'file', 'supervision', 'supervisor', o.complaint, o.department,
           jsonb_build_object('supervision', o.supervision, 'rule', o.rule), supervise.at
    from opened o;
end $$;

-- Departments that have now missed so many of their working days in a row. A day without work neither counts nor breaks the row.
create function missed_days(of_community text, of_day date, p wall.policy) returns supervision_hit[] language plpgsql stable as $$
begin
    return array(
        select row('department', null, r.department, 'missed_days', format('连续 %s 个工作日未清零', p.missed_days))::supervision_hit
        from wall.clearing r
        where r.community = of_community and r.day = of_day and not r.cleared
          and p.missed_days = (
              select count(*) filter (where not worked.cleared) from (
                  select x.cleared from wall.clearing x
                  where x.community = of_community and x.department = r.department and x.day <= of_day and not x.idle
                  order by x.day desc limit p.missed_days) as worked)
          and not exists (select from wall.supervision s where s.community = of_community and s.department = r.department and s.rule = 'missed_days'
                          and supervision_is_open(s))
        order by r.department);
end $$;

-- Cases that were open at this cutoff and at the one before.
create function two_cutoffs(of_community text, of_day date) returns supervision_hit[] language plpgsql stable as $$
begin
    return array(
        select row('complaint', k.complaint, k.department, 'two_cutoffs', format('%s 跨两个清零时点仍未回复', c.number))::supervision_hit
        from wall.clearing_case k join wall.complaint c on c.community = k.community and c.complaint = k.complaint
        where k.community = of_community and k.day = of_day
          and exists (select from wall.clearing_case b where b.community = of_community and b.complaint = k.complaint and b.day = of_day - 1)
          and not exists (select from wall.supervision s where s.community = of_community and s.complaint = k.complaint and s.rule = 'two_cutoffs'
                          and supervision_is_open(s))
        order by k.complaint);
end $$;

create function count_submissions(of_community text, d day_bounds) returns void language sql as $$
    insert into wall.submission_count
    select of_community, d.day, coalesce(e.data->>'category', ''), count(*)
    from wall.event e where e.community = of_community and e.at > d.began and e.at <= d.cutoff and e.action = 'submit'
    group by coalesce(e.data->>'category', '')
$$;

-- Alone in its community: whoever acts has either committed before, or will be stamped after the cutoff. Everything is found by index, whatever
-- the statistics of young tables say.
create function take(of_community text, of_day date) returns void language plpgsql set enable_seqscan = off as $$
declare
    d day_bounds;
    p wall.policy;
    candidates uuid[];
    cases open_case[];
begin
    perform pg_advisory_xact_lock(community_lock(of_community));
    d := bounds_of(of_community, of_day);
    p := policy_of(of_community, d.policy);
    perform settle_community(of_community, d.cutoff);
    candidates := candidates_of(of_community, d);
    cases := open_cases(of_community, d, candidates);
    insert into wall.clearing select * from clearing_rows(of_community, d, candidates, cases);
    insert into wall.clearing_case (community, day, department, complaint, holder, late_arrival, reply_due)
    select of_community, d.day, o.department, o.complaint, o.holder, o.late_arrival, o.reply_due from unnest(cases) as o;
    perform count_submissions(of_community, d);
    perform issue_bulletin(of_community, d);
    perform tell_not_cleared(of_community, d);
    perform supervise(of_community, missed_days(of_community, d.day, p) || two_cutoffs(of_community, d.day), d.cutoff, d.cutoff + p.reply);
    update wall.community set settled_until = greatest(settled_until, d.cutoff) where community = of_community;
end $$;

-- Two hours before a cutoff each department hears what it still owes: once a day, and not at all when the day is over already.
create function digest(of_community text, of_day date, at timestamptz) returns void language plpgsql as $$
begin
    insert into wall.digest values (of_community, of_day) on conflict do nothing;
    if not found then
        return;
    end if;
    perform tell_department(of_community, r.department, audience_of(of_community, r.department), 'digest', at, jsonb_build_object(
        'day', of_day, 'cutoff', instant((bounds_of(of_community, of_day)).cutoff), 'unanswered', cardinality(r.cases),
        'cases', numbers_json(of_community, r.cases)))
    from (select c.department, array_agg(c.complaint order by c.reply_due, c.complaint) as cases from wall.complaint c
          where c.community = of_community and c.turn = 'department' group by c.department order by c.department) as r;
end $$;

-- Every community with the day it is in or has not taken yet.
create function coming_days() returns table (community text, day date, digest timestamptz, cutoff timestamptz) language plpgsql stable as $$
begin
    return query
        select n.community, n.day, n.cutoff - (policy_of_day(n.community, n.day)).digest, n.cutoff
        from (select h.community, k.day, cutoff_of(h.community, k.day) as cutoff
              from wall.community h cross join lateral (select next_day(h.community) as day offset 0) as k) as n;
end $$;

-- Takes the oldest day that is over and not taken, and sends the digests whose moment has come. No row: there is none, or another server works.
create function take_day(out community text, out day date) language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    moment timestamptz := wall_now();
begin
    if not pg_try_advisory_xact_lock(311, 2) then
        return;
    end if;
    perform digest(n.community, n.day, n.digest) from coming_days() n where n.digest <= moment and n.cutoff >= moment;
    select n.community, n.day into take_day.community, take_day.day from coming_days() n where n.cutoff < moment order by n.cutoff, n.community limit 1;
    if found then
        perform take(take_day.community, take_day.day);
    end if;
end $$;

-- The next moment at which the clock has something to do; what is due at a moment is late only after it.
create function next_due() returns timestamptz language plpgsql stable as $$
begin
    return least(
        (select t.due from wall.timer t where t.due < 'infinity' order by t.due limit 1) + interval '1 microsecond',
        (select min(case when exists (select from wall.digest g where g.community = n.community and g.day = n.day)
                         then n.cutoff + interval '1 microsecond' else n.digest end) from coming_days() n));
end $$;
