-- Figures as they are shown: of each group or of all together every figure, with its formula, its bounds, its rank and the way to its cases.

-- Objects are put together as text: a report has some six hundred of them, and jsonb would take apart and sort each one several times. Numbers become text
-- by a cast: joined as they are, an expression would not be immutable, and called for each row. A member behind others:
create function member(name text, shown text) returns text language sql immutable as $$
    select ', "' || name || '": ' || coalesce(shown, 'null')
$$;

create function members_of(object jsonb) returns text language sql immutable as $$
    select left(right(object::text, -1), -1)
$$;

create function share_members(numerator bigint, denominator bigint) returns text language sql immutable as $$
    select '"value": ' || coalesce(tenths_shown(tenths(numerator, denominator)), 'null') || member('numerator', numerator::text) || member('denominator', denominator::text)
$$;

create function share_json(numerator bigint, denominator bigint) returns text language sql immutable as $$
    select '{' || share_members(numerator, denominator) || '}'
$$;

create function demand_members(found bigint, before bigint) returns text language sql immutable as $$
    select '"value": ' || coalesce(tenths_shown(tenths(8 * found, before)), 'null') || member('numerator', found::text) || member('denominator', before::text)
           || member('expected', round(before / 8.0, 3)::text)
           || member('p', case when before > 0 then round(poisson_tail(found, before / 8.0)::numeric, 6) end::text)
$$;

-- After how many seconds half of the cases, or nine in ten, had a reply (Kaplan and Meier): those that wait still are at risk until now, and
-- then leave without an end, and so do those withdrawn or merged, when they were. Parts are r<minutes>, o<minutes> and l<minutes>. Null: not so many have
-- one yet. `sums` are those of this figure.
create function waiting_of(sums figure_sum[], keys text[]) returns table (key text, shown text)
language plpgsql stable as $$
begin
    return query
        with step as (
            select s.key, substr(s.part, 2)::bigint as minutes, sum(s.numerator::float8) as replied, sum(s.denominator::float8) as leaving
            from unnest(sums) as s where left(s.part, 1) in ('r', 'l', 'o') group by 1, 2
        ), risk as (                             -- in the order of the curve, so that it is sorted once
            select t.*, sum(t.leaving) over (partition by t.key) - coalesce(sum(t.leaving) over earlier, 0) as at_risk
            from step t window earlier as (partition by t.key order by t.minutes rows between unbounded preceding and 1 preceding)
        ), curve as (
            select r.*, product(1 - r.replied / nullif(r.at_risk, 0)) over (partition by r.key order by r.minutes rows unbounded preceding) as waiting from risk r
        ), quantiles as (
            select c.key, 60 * min(c.minutes) filter (where c.waiting < 0.5 + 1e-9) as p50, 60 * min(c.minutes) filter (where c.waiting < 0.1 + 1e-9) as p90,
                   sum(c.replied)::bigint as replied, sum(c.leaving)::bigint as number
            from curve c group by c.key
        ), within as (
            select k.key, string_agg('"' || h.hours || '": ' || share_json(coalesce(w.numerator, 0), coalesce(w.denominator, 0)), ', ' order by h.hours) as shares
            from unnest(keys) as k (key) cross join unnest('{1,4,12,24,48,72}'::integer[]) as h (hours)
            left join (select s.key, s.part, sum(s.numerator)::bigint as numerator, sum(s.denominator)::bigint as denominator
                       from unnest(sums) as s where left(s.part, 1) = 'w' group by s.key, s.part) as w on w.key = k.key and w.part = 'within_' || h.hours
            group by k.key
        )
        select w.key, '"value": ' || coalesce(q.p50::text, 'null') || member('numerator', coalesce(q.replied, 0)::text)
                      || member('denominator', coalesce(q.number, 0)::text) || member('p50', q.p50::text) || member('p90', q.p90::text)
                      || ', "within": {' || w.shares || '}'
        from within w left join quantiles q using (key);
end $$;

-- As it may stand in the query of an address: codes of buildings are what people call them.
create function percent_encoded(given text) returns text language plpgsql immutable as $$
begin
    if given ~ '^[A-Za-z0-9._~-]*$' then
        return given;
    end if;
    return (select string_agg(case when x.sign ~ '[A-Za-z0-9._~-]' then x.sign
                                   else regexp_replace(upper(encode(convert_to(x.sign, 'UTF8'), 'hex')), '(..)', '%\1', 'g') end, '' order by x.position)
            from regexp_split_to_table(given, '') with ordinality as x (sign, position));
end $$;

-- What leads from the cases of all to those of a group; the one without a key is of what has no category or building.
create function group_asked(by_what text, key text) returns text language plpgsql immutable as $$
begin
    return case key when '' then '&without=' || by_what else '&' || by_what || '=' || percent_encoded(key) end;
end $$;

-- All figures of each group, or (`by_what` null) of all together; the groups are those of which there is more in the period than the demand of the weeks
-- before. One query for all of them. `asked` is what all figures of an answer share, `cases` the end of the address of a figure's cases.
create function figures_of(sums figure_sum[], by_what text, streaks jsonb, held bigint, asked jsonb, cases text) returns table (key text, figures text)
language plpgsql stable as $$
declare
    mine figure_sum[] := case when by_what is not null then sums
        else array(select row(s.figure, s.part, '', case s.figure when 'oldest' then max(s.numerator) else sum(s.numerator) end, sum(s.denominator))::figure_sum
                   from unnest(sums) as s group by s.figure, s.part) end;
    keys text[] := case when by_what is null then '{""}'
        else array(select s.key from unnest(mine) as s where s.figure <> 'demand_change' and s.key is not null group by s.key) end;
begin
    return query
        with grid as (                           -- with a row for what there is nothing of
            select s.key, s.figure, s.part, s.numerator, s.denominator, null as behind from unnest(mine) as s
            where s.key is not null and s.figure <> 'time_to_reply'
            union all
            select k.key, f.name, null, null, null, k.behind
            from (select x.key, cases || case when by_what is null then '' else group_asked(by_what, x.key) end as behind from unnest(keys) as x (key) offset 0) as k
            cross join figure f
        ), wide as (
            select g.key, g.figure, coalesce(case g.figure when 'oldest' then max(g.numerator) else sum(g.numerator) filter (where g.part = '') end, 0)::bigint as numerator,
                   coalesce(sum(g.denominator) filter (where g.part = ''), 0)::bigint as denominator, bool_or(g.part = '') as known,
                   coalesce(sum(g.numerator) filter (where g.part in ('matured', 'strict', 'supported', 'confirmed', 'breached')), 0)::bigint as part,
                   coalesce(sum(g.denominator) filter (where g.part in ('matured', 'strict', 'confirmed')), 0)::bigint as part_of,
                   coalesce(sum(g.numerator) filter (where g.part in ('idle', 'answered')), 0)::bigint as other, max(g.behind) as behind
            from grid g group by g.key, g.figure having bool_or(g.part is null)
        ), labelled as materialized (
            select f.*, members_of(asked || jsonb_build_object('unit', f.unit, 'formula', f.formula)) as label from figure f
        ), bounded as (
            select f.*, w.*, wilson_tenths(w.numerator, w.denominator) as lower_bound,
                   1000 - wilson_tenths(greatest(w.denominator - w.numerator, 0), w.denominator) as upper_bound, f.better is not null and w.denominator >= 10 as ranked
            from wide w join labelled f on f.name = w.figure
        ), ranked as (
            select b.*, case when b.ranked then
                       rank() over (partition by b.name, b.ranked order by case b.better when 'high' then 1000 - b.lower_bound else b.upper_bound end) end as rank
            from bounded b
        )
        select r.key, '{' || string_agg('"' || r.name || '": {'
               || case when r.name = 'time_to_reply' then t.shown
                       when r.name = 'demand_change' then demand_members(r.numerator, r.denominator)
                       when r.unit = 'percent' then share_members(r.numerator, r.denominator)
                           || member('lower_bound', tenths_shown(r.lower_bound)) || member('upper_bound', tenths_shown(r.upper_bound))
                       else '"value": ' || case when r.name <> 'oldest' or r.known then r.numerator::text else 'null' end
                           || member('numerator', r.numerator::text) || ', "denominator": null' end
               || case when cases is not null and by_what = 'department' then member('rank', r.rank::text) else '' end
               || case when cases is not null then ', "cases": "/v1/figures/' || r.name || r.behind || '"' else '' end
               || case r.name
                      when 'reply_rate' then member('matured', share_json(r.part, r.part_of))
                      when 'clearing_rate' then member('strict', share_json(r.part, r.part_of)) || member('idle', r.other::text) || member('longest_streak', case
                          when by_what is null or by_what = 'department' then coalesce(streaks->>r.key, '0') end)
                      when 'repeats_avoided' then member('supported', r.part::text) || member('answered', r.other::text)
                      when 'satisfaction' then member('n', r.denominator::text)
                      when 'repeat_rate' then member('confirmed', share_json(r.part, r.part_of))
                      when 'holder_time' then member('breached', r.part::text) || member('share', tenths_shown(tenths(r.numerator, held)))
                      else '' end || ', ' || r.label || '}', ', ' order by r.position) || '}'
        from ranked r
        left join waiting_of(array(select s from unnest(mine) as s where s.figure = 'time_to_reply'), keys) as t on t.key = r.key and r.name = 'time_to_reply'
        group by r.key;
end $$;

-- Who a group is: what stands before its figures, which are the longest of its members.
create function named_group(of_community text, by_what text, key text) returns jsonb language plpgsql stable as $$
begin
    return jsonb_build_object('key', nullif(key, '')) || case by_what
        when 'department' then coalesce((select jsonb_build_object('name', d.name, 'code', d.code) from wall.department d
                                         where d.community = of_community and d.department = key::uuid), '{"name": null}')
        when 'category' then jsonb_build_object('name', (select k.name from wall.category k where k.community = of_community and k.code = key))
        when 'building' then jsonb_build_object('name', coalesce((select b.name from wall.building b where b.community = of_community and b.code = key),
                                                                 nullif(key, '')))
        else jsonb_build_object('name', key) end;
end $$;

create function groups_of(of_community text, by_what text, sums figure_sum[], streaks jsonb, held bigint, asked jsonb, cases text) returns text
language plpgsql stable as $$
begin
    return (select '[' || coalesce(string_agg('{' || members_of(named_group(of_community, by_what, g.key)) || member('figures', g.figures) || '}', ', '
                                              order by g.key), '') || ']'
            from figures_of(sums, by_what, streaks, held, asked, cases) as g);
end $$;
