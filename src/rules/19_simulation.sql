-- The policy time machine: what the facts of the last days would have come to under another policy. Nothing is written. It replays what was done,
-- not what people would have done: who knows of another cutoff works by it.

-- A policy of which only what is to be otherwise is set; the rest stays each complaint's and each day's own.
create function supposed_policy(given jsonb) returns wall.policy language sql stable as $$
    select jsonb_populate_record(null::wall.policy, given || '{"version": 0}')
$$;

create function supposed_cutoff(of_community text, of_day date, under wall.policy) returns timestamptz language plpgsql stable as $$
begin
    return cutoff_at(of_day, coalesce(under.cutoff, (policy_of_day(of_community, of_day)).cutoff), zone_of(of_community));
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

create function supposed_rows(of_community text, of_day date, under wall.policy) returns setof wall.clearing language plpgsql stable as $$
declare
    d day_bounds := bounds_of(of_community, of_day);
    candidates uuid[];
begin
    d.began := supposed_cutoff(of_community, of_day - 1, under);
    d.cutoff := supposed_cutoff(of_community, of_day, under);
    d.grace := d.cutoff - coalesce(under.grace, (policy_of_day(of_community, of_day)).grace);
    candidates := candidates_since(of_community, d.began, d.cutoff);
    return query select * from clearing_rows(of_community, d, candidates, open_cases(of_community, d, candidates, under));
end $$;

-- The sums of the figures that depend on a policy's times, by department. Without a policy: as they are.
create function supposed_sums(of_community text, from_day date, to_day date, as_of timestamptz, under wall.policy) returns setof figure_sum
language plpgsql stable set plan_cache_mode = force_custom_plan set work_mem = '64MB' as $$
declare
    zone text := zone_of(of_community);
begin
    return query
        select k.figure, k.part, k.department::text, sum(k.numerator)::bigint, sum(k.denominator)::bigint
        from count_cohort(of_community, from_day::timestamp at time zone zone, end_of_day(to_day, zone), as_of, false, under) as k
        where k.part = '' and k.figure in ('on_time_rate', 'accept_rate', 'followup_rate') group by 1, 2, 3;
    return query
        select 'clearing_rate', p.part, r.department::text, count(*) filter (where not r.idle and case p.part when '' then r.cleared else r.strictly_cleared end),
               count(*) filter (where not r.idle)
        from (select distinct x.day from wall.clearing x where x.community = of_community and x.day between from_day and to_day) as t
        cross join lateral (
            select * from wall.clearing x where under.version is null and x.community = of_community and x.day = t.day
            union all select * from supposed_rows(of_community, t.day, under) where under.version is not null) as r
        cross join (values (''), ('strict')) as p (part)
        group by p.part, r.department;
end $$;

create function compared_json(was figure_sum[], would figure_sum[]) returns jsonb language sql immutable as $$
    select coalesce(jsonb_object_agg(case k.part when '' then k.figure else k.figure || '_' || k.part end, jsonb_build_object(
        'was', share_json(k.was, k.was_of), 'would_be', share_json(k.would, k.would_of), 'difference', percent(k.would, k.would_of) - percent(k.was, k.was_of))), '{}')
    from (select s.figure, s.part, coalesce(sum(s.numerator) filter (where not s.supposed), 0)::bigint as was,
                 coalesce(sum(s.denominator) filter (where not s.supposed), 0)::bigint as was_of,
                 coalesce(sum(s.numerator) filter (where s.supposed), 0)::bigint as would, coalesce(sum(s.denominator) filter (where s.supposed), 0)::bigint as would_of
          from (select false as supposed, w.* from unnest(was) as w union all select true, w.* from unnest(would) as w) as s group by s.figure, s.part) as k
$$;

create function simulate(of_community text, days integer, given jsonb, out body text)
language plpgsql stable security definer set search_path = wall, rules, pg_temp as $$
declare
    now timestamptz := wall_now();
    until date := (now at time zone zone_of(of_community))::date;
    since date := until - days + 1;
    was figure_sum[] := array(select s::figure_sum from supposed_sums(of_community, since, until, now, null) s);
    would figure_sum[] := array(select s::figure_sum from supposed_sums(of_community, since, until, now, supposed_policy(given)) s);
begin
    body := jsonb_build_object('from', since, 'to', until, 'as_of', instant(now), 'figures', compared_json(was, would), 'departments', (
        select coalesce(jsonb_agg(jsonb_build_object('id', d.department, 'code', d.code, 'name', d.name, 'figures', compared_json(
            array(select w from unnest(was) as w where w.key = d.department::text), array(select w from unnest(would) as w where w.key = d.department::text)))
            order by d.code), '[]')
        from wall.department d where d.community = of_community));
end $$;
