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
