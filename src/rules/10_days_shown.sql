-- Showing a day (10_clearing.sql), taken or not, and saying why it was not cleared.

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
