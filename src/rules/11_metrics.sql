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
