-- What to solve first (每月一题): the matters of a month, ranked by a formula that anybody can check. A matter is a cluster, or a category and building where
-- there is none. After each day that is taken the list of the month is made anew, as of that cutoff; when the month is over, for the last time.

create function monthly_formula() returns text language sql immutable as $$
    select '2 x (reporters + supporters) + 2 x (repeats + redos) + breaches + open + growth where it is positive'::text
$$;

-- How many different people must stand behind what is not public, before it counts: a smaller number might point at somebody.
create function monthly_unpublished_from() returns integer language sql immutable as 'select 5';

create type month_case as (complaint uuid, person text, matter text, cluster uuid, category text, building text, submitted timestamptz, public boolean, open boolean);

-- What went wrong with a complaint in a period.
create type trouble as (complaint uuid, redos bigint, breaches bigint);

create function troubles_between(of_community text, since timestamptz, until timestamptz) returns setof trouble language sql stable as $$
    select x.complaint, count(*) filter (where not x.late), count(*) filter (where x.late)
    from (select e.complaint, false as late from wall.event e
          where e.community = of_community and e.at >= since and e.at < until and e.action in ('redo', 'reopen')
          union all
          select m.complaint, true from wall.deadline_mark m
          where m.community = of_community and m.kind = 'reply' and m.mark = 'breached' and m.at >= since and m.at < until) as x
    group by x.complaint
$$;

create function publication_then(c wall.complaint, until timestamptz) returns text language plpgsql stable as $$
begin
    return coalesce((select e.data->>'publication' from wall.event e
                     where e.community = c.community and e.complaint = c.complaint and e.at < until and e.data ? 'publication' order by e.seq desc limit 1),
                    c.publication);
end $$;

-- These complaints as they were at a moment: neither rejected nor withdrawn, and of some matter. What has not changed since is as it is.
create function cases_then(of_community text, of_complaints uuid[], until timestamptz) returns setof month_case language sql stable as $$
    select c.complaint, x.person, coalesce(k.cluster::text, t.category || ' ' || coalesce(c.building, '')), k.cluster, t.category, c.building, c.submitted,
           c.visibility = 'public' and t.publication = 'published', t.status not in ('answered', 'closed', 'merged')
    from people_behind(of_community, of_complaints) x
    join wall.complaint c on c.community = of_community and c.complaint = x.complaint
    cross join lateral (
        select c.status, c.category, c.publication where c.last < until
        union all
        select e.status, category_then(c.community, c.complaint, until - interval '1 microsecond'), publication_then(c, until)
        from (select x.status from wall.event x
              where x.community = c.community and x.complaint = c.complaint and x.at < until order by x.seq desc limit 1) as e
        where c.last >= until) as t
    left join lateral (                          -- as the links stood
        select case when l.act <> 'parted' then l.cluster end as cluster from wall.cluster_link l
        where l.community = of_community and l.complaint = x.complaint and l.at < until order by l.seq desc limit 1) as k on true
    where c.submitted < until and t.status not in ('rejected', 'withdrawn')
      and (k.cluster is not null or t.category is not null)
$$;

create function filed_between(of_community text, since timestamptz, until timestamptz) returns uuid[] language plpgsql stable as $$
begin
    return array(select c.complaint from wall.complaint c where c.community = of_community and c.submitted >= since and c.submitted < until);
end $$;

-- What may have been open then, and was filed before: what is open now, and that to which something has happened since.
create function open_before(of_community text, since timestamptz, until timestamptz) returns uuid[]
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
begin
    return array(
        select c.complaint from wall.complaint c
        where c.community = of_community and c.submitted < since and c.status not in ('closed', 'rejected', 'merged', 'withdrawn')
        union
        select e.complaint from wall.event e join wall.complaint c using (community, complaint)
        where e.community = of_community and e.at >= until and c.submitted < since);
end $$;

-- What is public, and of what is not public that behind which enough people stand.
create function cases_that_count(cases month_case[]) returns setof month_case language sql stable as $$
    select k.* from unnest(cases) as k
    where k.public or k.matter in (
        select h.matter from unnest(cases) as h where not h.public
        group by h.matter having count(distinct h.person) >= monthly_unpublished_from())
$$;

-- Those who said me too, by the matter: the signed-in ones that had not complained of it themselves. Anybody can make any number of the others.
create function supporters_of(of_community text, cases month_case[], until timestamptz) returns table (matter text, supporters bigint) language sql stable as $$
    select g.matter, count(distinct g.person)
    from (select k.matter, coalesce(encode(r.phone_hash, 'hex'), s.resident::text) as person
          from unnest(cases) as k
          join wall.support s on s.community = of_community and s.complaint = k.complaint
          left join wall.resident r on r.community = s.community and r.resident = s.resident
          where s.resident is not null and s.began < until and (s.ended is null or s.ended >= until)) as g
    where not exists (select from unnest(cases) as x where x.matter = g.matter and x.person = g.person)
    group by g.matter
$$;

create type matter as (matter text, cluster uuid, category text, building text, cases uuid[], complaints bigint, reporters bigint, supporters bigint, repeats bigint,
                       redos bigint, breaches bigint, open bigint, before bigint);

-- What there is to say of each matter. `cases`: the public ones, the newest first.
create function matters_of(of_community text, cases month_case[], before month_case[], troubles trouble[], since timestamptz, until timestamptz)
returns setof matter language plpgsql stable set plan_cache_mode = force_custom_plan as $$
begin
    return query
        with counted as (
            select k.matter, k.cluster, mode() within group (order by k.category) as category, mode() within group (order by k.building) as building,
                   (array_agg(k.complaint order by k.submitted desc, k.complaint desc) filter (where k.public))[:20] as cases,
                   count(*) filter (where k.submitted >= since) as complaints, count(distinct k.person) as reporters, count(*) as count,
                   coalesce(sum(t.redos), 0)::bigint as redos, coalesce(sum(t.breaches), 0)::bigint as breaches, count(*) filter (where k.open) as open
            from unnest(cases) as k left join unnest(troubles) as t using (complaint) group by k.matter, k.cluster
        )
        select c.matter, c.cluster, c.category, c.building, c.cases, c.complaints, c.reporters, coalesce(s.supporters, 0), c.count - c.reporters, c.redos, c.breaches,
               c.open, coalesce(b.count, 0)
        from counted c left join supporters_of(of_community, matters_of.cases, until) s using (matter)
        left join (select b.matter, count(*) as count from unnest(before) as b group by b.matter) as b using (matter);
end $$;

create function score_of(m matter) returns bigint language sql immutable as $$
    select 2 * (m.reporters + m.supporters) + 2 * (m.repeats + m.redos) + m.breaches + m.open + greatest(m.complaints - m.before, 0)
$$;

-- The same part of the month before: all of it, when the month is over.
create function filed_before(of_community text, first date, until timestamptz, zone text) returns uuid[] language plpgsql stable as $$
declare
    since timestamptz := first::timestamp at time zone zone;
    since_before timestamptz := (first - interval '1 month') at time zone zone;
    is_over boolean := until >= (first + interval '1 month') at time zone zone;
begin
    return filed_between(of_community, since_before, case when is_over then since else least(since, since_before + (until - since)) end);
end $$;

-- The list as of a moment of the month, or its end: what was filed in it, was late in it, or was open then.
create function monthly_matters(of_community text, first date, until timestamptz, p wall.policy) returns jsonb
language plpgsql stable set work_mem = '64MB' as $$
declare
    zone text := zone_of(of_community);
    since timestamptz := first::timestamp at time zone zone;
    troubles trouble[] := array(select t from troubles_between(of_community, since, until) t);
    late uuid[] := array(select t.complaint from unnest(troubles) t where t.breaches > 0);
    ids uuid[] := filed_between(of_community, since, until) || late || open_before(of_community, since, until);
    cases month_case[];
    before month_case[];
begin
    cases := array(select k from cases_then(of_community, array(select distinct x from unnest(ids) as x), until) k
                   left join unnest(late) as l (complaint) using (complaint)
                   where k.submitted >= since or k.open or l.complaint is not null);
    before := array(select k from cases_then(of_community, filed_before(of_community, first, until, zone), since) k);
    cases := array(select k from cases_that_count(cases) k);
    before := array(select k from cases_that_count(before) k);
    return (
        select coalesce(jsonb_agg(to_jsonb(k.m) - 'matter' || jsonb_build_object('score', score_of(k.m), 'growth', (k.m).complaints - (k.m).before)
                                  order by k.place), '[]')
        from (select x as m, row_number() over (order by score_of(x) desc, x.reporters + x.supporters desc, x.matter) as place
              from matters_of(of_community, cases, before, troubles, since, until) x where x.reporters + x.supporters >= p.monthly_from) as k
        where k.place <= p.monthly_size);
end $$;

-- The first month whose list is not final, and up to when all is settled that belongs to it. The first list of all is that of the month a year ago, if
-- there was anything then. No month: its list is as new as it can be.
create function month_to_list(h wall.community, out month date, out until timestamptz, out final boolean) language plpgsql stable as $$
declare
    ends timestamptz;
begin
    month := coalesce((select max(x.month) + interval '1 month' from wall.monthly x where x.community = h.community and x.final),
                      greatest(date_trunc('month', began_of(h.community) at time zone h.time_zone),
                               date_trunc('month', h.settled_until at time zone h.time_zone) - interval '1 year'));
    ends := (month + interval '1 month') at time zone h.time_zone;
    until := least(ends, h.settled_until);
    final := until = ends;
    if until <= month::timestamp at time zone h.time_zone
        or exists (select from wall.monthly x where x.community = h.community and x.month = month_to_list.month and x.as_of >= until) then
        month := null;
    end if;
end $$;

-- One list that a taken day has made old, of any community. Null: there is none.
create function list_month(out community text, out month date) language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    h wall.community;
    k record;
begin
    if not pg_try_advisory_xact_lock(311, 22) then
        return;
    end if;
    select (x.h).* into h from (select c as h from wall.community c where isfinite(c.settled_until)) as x
    where (month_to_list(x.h)).month is not null order by (x.h).community limit 1;
    if h.community is null then
        return;
    end if;
    select * into k from month_to_list(h);
    insert into wall.monthly
    select h.community, k.month, k.until, k.final, p.version, monthly_matters(h.community, k.month, k.until, p)
    from policy_at(h.community, k.until - interval '1 microsecond') p
    on conflict on constraint monthly_pkey do update set as_of = excluded.as_of, final = excluded.final, policy = excluded.policy, matters = excluded.matters;
    community := h.community;
    month := k.month;
end $$;

-- Whether something is not known any more that a list as of a moment may have been made of: who filed what concerned it, who supported it, what was public then.
create function is_forgotten_since(of_community text, since timestamptz, moment timestamptz) returns boolean language plpgsql stable as $$
begin
    return exists (
        select from (select r.subject as subject from wall.retention_run r where r.community = of_community and r.at >= moment
                     union all
                     select e.complaint from wall.event e where e.community = of_community and e.at >= moment and e.action = 'privacy') as k
        left join wall.complaint c on c.community = of_community and c.complaint = k.subject
        where coalesce(c.submitted < moment and coalesce(c.closed, 'infinity') >= since, exists (
            select from wall.retention_run r where r.community = of_community and r.subject = k.subject and r.what = 'resident')));
end $$;

-- A list that stays: its scores follow from its numbers, in order; and as long as nothing of it is forgotten, it is made anew.
create function verify_month(of_community text, k wall.monthly) returns table (what text, difference text) language plpgsql stable as $$
declare
    zone text := zone_of(of_community);
    anew jsonb := '[]';
begin
    return query
        select format('month %s, matter %s', to_char(k.month, 'YYYY-MM'), m.place), case
            when (m.value->>'score')::bigint is distinct from m.score then format('its score is %s, but its numbers come to %s', m.value->>'score', m.score)
            else 'stands behind one with a lower score' end
        from (select x.value, x.place, score_of(jsonb_populate_record(null::matter, x.value)) as score, lag((x.value->>'score')::bigint) over (order by x.place) as above
              from jsonb_array_elements(k.matters) with ordinality as x (value, place)) as m
        where (m.value->>'score')::bigint is distinct from m.score or m.above < m.score;
    if is_forgotten_since(of_community, (k.month - interval '1 month') at time zone zone, k.as_of) then
        return;
    end if;
    select monthly_matters(of_community, k.month, k.as_of, p) into anew from wall.policy p where p.community = of_community and p.version = k.policy;
    return query
        select format('month %s, matter %s', to_char(k.month, 'YYYY-MM'), place),
               format('is listed as %s, but comes to %s', coalesce(o.value, 'null'), coalesce(n.value, 'null'))
        from jsonb_array_elements(k.matters) with ordinality as o (value, place)
        full join jsonb_array_elements(anew) with ordinality as n (value, place) using (place)
        where o.value is distinct from n.value;
end $$;

create function verify_months(of_community text) returns table (what text, difference text) language plpgsql stable as $$
declare
    k wall.monthly;
begin
    for k in select * from wall.monthly x where x.community = of_community and x.final order by x.month loop
        return query select * from verify_month(of_community, k);
    end loop;
end $$;

-- Showing it

create function monthly_cases_json(of_community text, cases jsonb) returns json language plpgsql stable as $$
begin
    return (select coalesce(json_agg(json_build_object('id', c.complaint, 'number', c.number, 'title', c.entry::json->'title') order by k.position), '[]')
            from jsonb_array_elements_text(coalesce(nullif(cases, 'null'), '[]')) with ordinality as k (id, position)
            join published.complaint c on c.community = of_community and c.complaint = k.id::uuid);
end $$;

create function monthly_notices_json(of_community text, cases jsonb) returns json language plpgsql stable as $$
begin
    return (select coalesce(json_agg(distinct jsonb_build_object('id', n.notice, 'kind', n.kind, 'title', v.title)), '[]')
            from jsonb_array_elements_text(coalesce(nullif(cases, 'null'), '[]')) as k
            join published.notice_about s on s.community = of_community and s.complaint = k::uuid
            join published.notice n on n.community = s.community and n.notice = s.notice
            join published.notice_version v on v.community = n.community and v.notice = n.notice and v.version = n.version);
end $$;

-- Clusters are the working group's: the public sees the complaints in them.
create function matter_json(of_community text, m jsonb, rank bigint) returns text language plpgsql stable as $$
begin
    return (m - '{cases,cluster}'::text[] || jsonb_build_object(
        'rank', rank, 'subject', case when m->>'cluster' is null then 'place' else 'cluster' end,
        'category_name', (select k.name from wall.category k where k.community = of_community and k.code = m->>'category'),
        'cases', monthly_cases_json(of_community, m->'cases'), 'notices', monthly_notices_json(of_community, m->'cases')))::text;
end $$;

-- For everybody. The numbers of a month that is over stay; its cases are those that are published today. Null: it has not begun, or was never listed.
create function show_month(of_community text, named text) returns text
language plpgsql stable security definer set search_path = wall, rules, pg_temp as $$
declare
    wanted date := month_named(named);
    begins timestamptz := wanted::timestamp at time zone zone_of(of_community);
    moment timestamptz := wall_now();
    k wall.monthly;
begin
    if begins > moment or wanted < coalesce((select min(x.month) from wall.monthly x where x.community = of_community),
                                            date_trunc('month', moment at time zone zone_of(of_community))) then
        return null;
    end if;
    select * into k from wall.monthly x where x.community = of_community and x.month = wanted;
    return (
        select left(json_build_object('month', named, 'final', coalesce(k.final, false), 'as_of', instant(coalesce(k.as_of, begins)), 'formula', monthly_formula(),
                                      'policy', coalesce(k.policy, (policy_at(of_community, begins)).version))::text, -1)
            || ',"items":' || json_list(string_agg(matter_json(of_community, m, rank), ',' order by rank)) || '}'
        from jsonb_array_elements(coalesce(k.matters, '[]')) with ordinality as x (m, rank));
end $$;
