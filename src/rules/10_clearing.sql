-- The daily clearing (日清零). A day is a pure function of the facts as of its cutoff: of events, holdings, deadlines and their marks, never of
-- the columns that `complaint` and `timer` hold for now. The day before says which cases need a look; verify() follows all events instead and
-- proves that nothing was overlooked.

-- Day D is (began, cutoff]; what came after the grace need not be done by the cutoff.
create type day_bounds as (day date, began timestamptz, grace timestamptz, cutoff timestamptz, zone text, policy integer);

-- A case that was unanswered at the cutoff: whose day it spoils, who held it then.
create type open_case as (complaint uuid, department uuid, holder uuid, late_arrival boolean, reply_due timestamptz);

-- A day ends so many hours of the wall clock after its midnight: 23 or 25 hours after the one before where clocks change.
create function cutoff_at(of_day date, cutoff interval, zone text) returns timestamptz language sql stable as $$
    select (of_day::timestamp + cutoff) at time zone zone
$$;

create function policy_of_day(of_community text, of_day date) returns wall.policy language sql stable as $$
    select policy_at(of_community, of_day::timestamp at time zone zone_of(of_community))
$$;

-- `under`, here and below: another policy of which only what is to be otherwise is set, see 19_simulation.sql.
create function cutoff_of(of_community text, of_day date, under wall.policy default null) returns timestamptz language plpgsql stable as $$
begin
    return cutoff_at(of_day, coalesce(under.cutoff, (policy_of_day(of_community, of_day)).cutoff), zone_of(of_community));
end $$;

-- The cutoff that ends the day of a moment.
create function cutoff_after(of_community text, moment timestamptz, under wall.policy default null) returns timestamptz language plpgsql stable as $$
declare
    local date := (moment at time zone zone_of(of_community))::date;
begin
    return (select min(k.cutoff) from generate_series(-2, 2) as shift cross join lateral (select cutoff_of(of_community, local + shift, under) as cutoff) as k
            where k.cutoff >= moment);
end $$;

-- The day that a moment belongs to. The instant of a cutoff still belongs to the day that it ends.
create function day_of(of_community text, moment timestamptz) returns date language plpgsql stable as $$
declare
    local date := (moment at time zone zone_of(of_community))::date;
begin
    return (select min(local + shift) from generate_series(-2, 2) as shift where cutoff_of(of_community, local + shift) >= moment);
end $$;

create function last_day(of_community text) returns date language plpgsql stable as $$
begin
    return (select day from wall.clearing where community = of_community order by day desc limit 1);
end $$;

create function first_day(of_community text) returns date language plpgsql stable as $$
begin
    return day_of(of_community, (select created from wall.community where community = of_community));
end $$;

-- The oldest day that is not taken; the first one is that of the community's creation.
create function next_day(of_community text) returns date language plpgsql stable as $$
begin
    return coalesce(last_day(of_community) + 1, first_day(of_community));
end $$;

-- A day follows the one before without a gap, even if zone or policy changed between them.
create function bounds_of(of_community text, of_day date) returns day_bounds language plpgsql stable as $$
declare
    p wall.policy := policy_of_day(of_community, of_day);
    d day_bounds;
begin
    d.day := of_day;
    d.zone := zone_of(of_community);
    d.policy := p.version;
    d.cutoff := cutoff_at(of_day, p.cutoff, d.zone);
    d.grace := d.cutoff - p.grace;
    d.began := coalesce((select cutoff from wall.clearing where community = of_community and day = of_day - 1 limit 1),
                        cutoff_of(of_community, of_day - 1));
    return d;
end $$;

-- A day as it stands before its end.
create function bounds_until(d day_bounds, moment timestamptz) returns day_bounds language sql immutable as $$
    select row(d.day, d.began, least(moment, d.cutoff) - (d.cutoff - d.grace), least(moment, d.cutoff), d.zone, d.policy)::day_bounds
$$;

-- The cases that a day may concern: those open at its beginning, as the day before has recorded them, and those to which something happened
-- in it. While the day before is not taken yet, those open now and those to which something has happened since.
create function candidates_of(of_community text, d day_bounds) returns uuid[] language plpgsql stable as $$
begin
    if d.day = next_day(of_community) or exists (select from wall.clearing where community = of_community and day = d.day - 1) then
        return array(select complaint from wall.clearing_case where community = of_community and day = d.day - 1
                     union select complaint from wall.event
                     where community = of_community and at <= d.cutoff and at > case when last_day(of_community) is null then '-infinity' else d.began end);
    end if;
    return array(select complaint from wall.complaint where community = of_community and turn = 'department'
                 union select complaint from wall.event where community = of_community and at > d.began);
end $$;

-- Passed on within the passer's own time: half an hour for the dispatch office, for a department the hours in which it may return a case.
create function in_own_time(of_community text, of_complaint uuid, of_department uuid, received timestamptz, passed timestamptz, action text,
                            under wall.policy default null)
returns boolean language plpgsql stable as $$
declare
    p wall.policy := policy_of(of_community, (select policy from wall.complaint where community = of_community and complaint = of_complaint));
begin
    return passed <= received + case when of_department = dispatch_office(of_community) then coalesce(under.dispatch, p.dispatch)
                                     when action = 'return' then coalesce(under.return_window, p.return_window) end;
end $$;

-- Was a case that `of_department` held at the grace passed on by the cutoff in the passer's own time? It may even have come back since.
create function passed_in_time(of_community text, of_complaint uuid, of_department uuid, turn_began timestamptz, grace timestamptz, cutoff timestamptz,
                               under wall.policy default null)
returns boolean language plpgsql stable as $$
declare
    received timestamptz := (select h.began from wall.holding h where h.community = of_community and h.complaint = of_complaint and h.kind = 'lead'
                             and h.began <= grace order by h.seq desc limit 1);
    passing record;
begin
    select e.at, e.action into passing from wall.event e
    where e.community = of_community and e.complaint = of_complaint and e.at > grace and e.at <= cutoff and e.department <> of_department
    order by e.seq limit 1;
    return coalesce(in_own_time(of_community, of_complaint, of_department, greatest(received, turn_began), passing.at, passing.action, under), false);
end $$;

-- The cases among the candidates that were unanswered at the cutoff, each with the department whose day it counts for: the lead holder at
-- the grace if the turn had begun by then, unless he passed it on in his own time; else the lead holder at the cutoff.
create function open_cases(of_community text, d day_bounds, candidates uuid[], under wall.policy default null) returns open_case[] language plpgsql stable as $$
begin
    return (
        select coalesce(array_agg(row(complaint, case when fell_to_holder then holder else held_at_grace end, holder, fell_to_holder, reply_due)::open_case
                                  order by complaint), '{}')
        from (
            select k.complaint, now.department as holder, at_grace.department as held_at_grace, round.due as reply_due,
                   began.at > d.grace
                       or passed_in_time(of_community, k.complaint, at_grace.department, began.at, d.grace, d.cutoff, under) as fell_to_holder
            from unnest(candidates) as k (complaint)
            cross join lateral (
                select e.seq, e.turn, e.department from wall.event e
                where e.community = of_community and e.complaint = k.complaint and e.at <= d.cutoff order by e.seq desc limit 1) as now
            cross join lateral (                 -- the first event of the last unbroken run on the department's turn
                select e.at from wall.event e
                where e.community = of_community and e.complaint = k.complaint and e.seq > coalesce((
                    select max(o.seq) from wall.event o
                    where o.community = of_community and o.complaint = k.complaint and o.seq < now.seq and o.turn <> 'department'), -9223372036854775808)
                order by e.seq limit 1) as began
            left join lateral (
                select e.department from wall.event e
                where e.community = of_community and e.complaint = k.complaint and e.at <= d.grace order by e.seq desc limit 1) as at_grace on true
            left join lateral (
                select r.due from wall.deadline r
                where r.community = of_community and r.complaint = k.complaint and r.kind = 'reply' and r.began <= d.cutoff
                order by r.round desc limit 1) as round on true
            where now.turn = 'department'
        ) as unanswered);
end $$;

-- The departments that had a case on their turn at some moment of the day. What was passed on in the instant it came was nobody's work.
create function busy_departments(of_community text, d day_bounds, candidates uuid[]) returns setof uuid language plpgsql stable as $$
begin
    return query
        select e.department from unnest(candidates) as k (complaint)
        cross join lateral (
            select x.turn, x.department from wall.event x
            where x.community = of_community and x.complaint = k.complaint and x.at <= d.began order by x.seq desc limit 1) as e
        where e.turn = 'department'
        union
        select e.department from wall.event e
        where e.community = of_community and e.at > d.began and e.at <= d.cutoff and e.turn = 'department'
          and not exists (select from wall.event n where n.community = e.community and n.complaint = e.complaint and n.seq > e.seq and n.at = e.at);
end $$;

-- Those that answered at some moment of the day.
create function active_departments(of_community text, d day_bounds) returns setof uuid language plpgsql stable as $$
begin
    return query
        select distinct c.department from wall.department_change c
        where c.community = of_community and c.active and c.at <= d.cutoff
          and not exists (select from wall.department_change n
                          where n.community = c.community and n.department = c.department and n.at > c.at and n.at <= d.began);
end $$;

-- The rows of a day: every department that answered in it or had to do with a case.
create function clearing_rows(of_community text, d day_bounds, candidates uuid[], cases open_case[]) returns setof wall.clearing language plpgsql stable as $$
begin
    return query
        with received as (
            select h.department, count(*)::integer as count from wall.holding h
            where h.community = of_community and h.began > d.began and h.began <= d.cutoff and h.kind = 'lead' group by h.department
        ), answered as (
            select m.department, count(*)::integer as count from wall.deadline_mark m
            where m.community = of_community and m.kind = 'reply' and m.mark = 'met' and m.at > d.began and m.at <= d.cutoff group by m.department
        ), unanswered as (
            select o.department, count(*)::integer as count, (count(*) filter (where o.late_arrival))::integer as late
            from unnest(cases) as o group by o.department
        ), busy as (
            select b.department from busy_departments(of_community, d, candidates) as b (department)
        ), concerned as (
            select a.department from active_departments(of_community, d) as a (department) union select r.department from received r
            union select a.department from answered a union select u.department from unanswered u union select b.department from busy b
        )
        select of_community, d.day, c.department, d.began, d.grace, d.cutoff, d.zone, d.policy, coalesce(r.count, 0), coalesce(a.count, 0),
               coalesce(u.count, 0), coalesce(u.late, 0), coalesce(u.count = u.late, true), u.count is null, b.department is null
        from concerned c left join received r using (department) left join answered a using (department) left join unanswered u using (department)
        left join busy b using (department);
end $$;

-- The rows of a day as they are (or were `upto` a moment of it), whether it is taken or not.
create function clearing_of(of_community text, of_day date, upto timestamptz default null) returns setof wall.clearing language plpgsql stable as $$
declare
    d day_bounds := bounds_until(bounds_of(of_community, of_day), coalesce(upto, 'infinity'));
    candidates uuid[] := candidates_of(of_community, d);
begin
    return query select * from clearing_rows(of_community, d, candidates, open_cases(of_community, d, candidates));
end $$;

create function cases_of(of_community text, of_day date, upto timestamptz default null) returns open_case[] language plpgsql stable as $$
declare
    d day_bounds := bounds_until(bounds_of(of_community, of_day), coalesce(upto, 'infinity'));
begin
    return open_cases(of_community, d, candidates_of(of_community, d));
end $$;

-- Taking a day

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

-- They open at the cutoff that was one too many; the first step is due when a reply would be.
create function supervise(of_community text, hits supervision_hit[], at timestamptz, due timestamptz) returns void language plpgsql as $$
begin
    with opened as (
        insert into wall.supervision
        select of_community, made_id(supervise.at), h.subject, h.complaint, h.department, h.rule, h.words, supervise.at, supervise.due from unnest(hits) as h
        returning supervision, rule, complaint, department
    ), screened as (
        insert into wall.supervision_act (community, supervision, seq, status, at, due)
        select of_community, o.supervision, 1, 'screened', supervise.at, supervise.due from opened o
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

-- Showing a day

-- What is known of a day without naming a case. Without a day: it is in the future, or before the first one.
create function day_known(of_community text, named text, out day date, out final boolean, out as_of timestamptz, out cutoff timestamptz, out grace timestamptz,
                          out zone text, out policy integer)
language plpgsql stable security definer set search_path = wall, rules, pg_temp as $$
declare
    now timestamptz := wall_now();
    wanted date := case when named = 'today' then day_of(of_community, now) else named::date end;
    d day_bounds;
begin
    select x.day, true, x.cutoff, x.cutoff, x.grace, x.zone, x.policy into day, final, as_of, cutoff, grace, zone, policy
    from wall.clearing x where x.community = of_community and x.day = wanted limit 1;
    if found or wanted < first_day(of_community) then
        return;
    end if;
    d := bounds_of(of_community, wanted);
    if d.began < now then
        select d.day, false, least(now, d.cutoff), d.cutoff, (bounds_until(d, now)).grace, d.zone, d.policy into day, final, as_of, cutoff, grace, zone, policy;
    end if;
end $$;

create function live_clearing(of_community text, of_day date, as_of timestamptz) returns setof wall.clearing
language plpgsql stable security definer set search_path = wall, rules, pg_temp as $$
begin
    return query select * from clearing_of(of_community, of_day, as_of);
end $$;

-- Tables without a schema: for public requests those are the views.
create function clearing_shown(of_community text, of_day date, is_final boolean, as_of timestamptz) returns setof wall.clearing language plpgsql stable as $$
begin
    if is_final then
        return query select * from clearing where community = of_community and day = of_day;
    else
        return query select * from live_clearing(of_community, of_day, as_of);
    end if;
end $$;

create function cases_taken(of_community text, of_day date) returns open_case[] language plpgsql stable as $$
begin
    return (select array_agg(row(k.complaint, k.department, k.holder, k.late_arrival, k.reply_due)::open_case)
            from wall.clearing_case k where k.community = of_community and k.day = of_day);
end $$;

create function cases_json(of_community text, of_department uuid, cases open_case[]) returns text language plpgsql stable as $$
begin
    return (select json_list(string_agg(json_build_object('id', o.complaint, 'number', c.number, 'late_arrival', o.late_arrival)::text, ','
                                        order by o.reply_due, o.complaint))
            from unnest(cases) as o join wall.complaint c on c.community = of_community and c.complaint = o.complaint
            where o.department = of_department);
end $$;

-- The cases themselves are for those who answer for them or look after all.
create function clearing_item(r wall.clearing, named json, explained json, who caller, cases open_case[]) returns text language plpgsql stable as $$
begin
    return left(json_build_object('department', named, 'received', r.received, 'answered', r.answered, 'open', r.open, 'late_arrivals', r.late_arrivals,
                                  'cleared', r.cleared, 'strictly_cleared', r.strictly_cleared, 'idle', r.idle, 'explanation', explained)::text, -1)
        || case when who.role in ('dispatcher', 'supervisor') or who.role = 'officer' and who.office = r.department
                then ',"cases":' || cases_json(r.community, r.department, cases) else '' end || '}';
end $$;

create function show_clearing(of_community text, named text, who caller) returns table (body text) language plpgsql stable as $$
declare
    k record;
    cases open_case[];
begin
    select * into k from day_known(of_community, named);
    if k.day is null then
        return;
    end if;
    if who.role in ('officer', 'dispatcher', 'supervisor') then
        cases := case when k.final then cases_taken(of_community, k.day) else cases_of(of_community, k.day, k.as_of) end;
    end if;
    return query
        select left(json_build_object('day', k.day, 'final', k.final, 'as_of', instant(k.as_of), 'cutoff', instant(k.cutoff), 'grace', instant(k.grace),
                                      'zone', k.zone, 'policy', k.policy)::text, -1)
            || ',"items":' || json_list(string_agg(clearing_item(
                   r, json_build_object('id', d.department, 'code', d.code, 'name', d.name),
                   case when x.at is not null then json_build_object('text', x.text, 'at', instant(x.at)) end, who, cases), ',' order by d.code)) || '}'
        from clearing_shown(of_community, k.day, k.final, k.as_of) r
        join department d on d.community = r.community and d.department = r.department
        left join explanation x on x.community = r.community and x.day = r.day and x.department = r.department;
end $$;

-- Why a day was not cleared, said once by those who owe it: the department's officers, for the dispatch office its dispatchers.
create function explain_day(of_community text, who caller, named text, of_department uuid, words text, scope bytea, body_hash bytea, out body text, out location text)
language plpgsql as $$
declare
    k record;
    earlier uuid := made_before(of_community, scope, body_hash, of_department);
begin
    select * into k from day_known(of_community, named);
    perform from wall.department d where d.community = of_community and d.department = of_department;
    if not found or k.day is null then
        perform refuse('not_found');
    end if;
    if (who.role <> case when of_department = dispatch_office(of_community) then 'dispatcher' else 'officer' end)
       or who.role = 'officer' and who.office is distinct from of_department then
        perform refuse('not_permitted');
    end if;
    if earlier is null then
        perform from wall.clearing r where r.community = of_community and r.day = k.day and r.department = of_department and not r.cleared;
        if not found then
            perform refuse('not_allowed_now');
        end if;
        insert into wall.explanation values (of_community, k.day, of_department, who.actor, wall_now(), words);
    end if;
    location := '/v1/clearing/' || k.day;
    select json_build_object('day', x.day, 'department', x.department, 'text', x.text, 'at', instant(x.at))::text into body
    from wall.explanation x where x.community = of_community and x.day = k.day and x.department = of_department;
end $$;
