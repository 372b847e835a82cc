-- Which complaints are about the same matter: the cosine of what they are about (include/text/likeness.h), each code weighing the more the rarer it is.
-- Candidates are those that share one of the six codes that weigh most and are not too common; then each is compared exactly. That finds nearly as much
-- as comparing with all, at a price that does not grow with them (README.md).

-- Codes of different communities are different numbers, so that one index serves all and finds only those of one.
create function code_salt(of_community text) returns integer language plpgsql immutable as $$
begin
    return ('x' || left(md5(of_community), 8))::bit(32)::integer;
end $$;

-- How much a code tells that occurs in so many of all texts. Few texts tell little about what is rare, hence the thousand.
create function code_worth(documents integer, of_all integer) returns double precision language sql immutable as $$
    select ln(greatest(of_all, documents, 1000)::double precision / greatest(documents, 1))
$$;

create function likeness_total(of_community text) returns integer language plpgsql stable as $$
begin
    return coalesce((select documents from wall.likeness_count where community = of_community), 0);
end $$;

create type like_hit as (complaint uuid, likeness real);

-- What is most like it, best first. `codes` as they were read, not salted.
create function alike(of_community text, codes integer[], weights smallint[], since timestamptz, size integer) returns setof like_hit
language plpgsql stable rows 30 security definer set search_path = wall, rules, pg_temp set enable_seqscan = off set jit = off as $$
declare
    salt integer := code_salt(of_community);
    total integer := likeness_total(of_community);
    most integer := greatest(1000, least(total / 100, 2000));  -- rows looked at, but for the two rarest of the six; more common codes are not worth it
begin
    return query
        with asked as materialized (
            select g.code # salt as code, coalesce(f.documents, 0) as documents, code_worth(f.documents, total) as worth,
                   g.weight * code_worth(f.documents, total) as weight
            from unnest(codes, weights) as g (code, weight) left join wall.code_frequency f on f.community = of_community and f.code = g.code # salt
        ), chosen as materialized (
            select r.code, r.gain
            from (select h.code, h.weight * h.worth as gain, sum(h.documents) over w as upto, row_number() over w as place
                  from (select * from asked a where a.documents between 1 and most order by a.weight desc, a.code limit 6) as h
                  window w as (order by h.documents, h.code)) as r
            where r.upto <= most or r.place <= 2
        ), told as materialized (
            select * from chosen
            union all                            -- all that it says is common: at least the rarest of it
            select * from (select a.code, a.weight * a.worth from asked a where a.documents > most order by a.documents, a.code limit 1) as rarest
            where not exists (select from chosen)
        ), candidate as materialized (
            select h.complaint from told k
            cross join lateral (select l.complaint from wall.likeness l
                                where l.community = of_community and l.codes @> array[k.code] and l.submitted >= since limit 2 * most) as h
            group by h.complaint order by sum(k.gain) desc, h.complaint desc limit 60
        )
        select l.complaint, least(1, sum(u.weight * a.worth * a.weight) / (l.norm * (select sqrt(sum(weight * weight)) from asked)))::real as score
        from candidate c join wall.likeness l on l.community = of_community and l.complaint = c.complaint
        cross join lateral unnest(l.codes, l.weights) as u (code, weight) join asked a on a.code = u.code
        where l.norm > 0
        group by l.complaint, l.norm order by score desc, l.complaint desc limit size;
end $$;

-- Putting the new ones among the others

-- So many more or fewer texts with these codes.
create function count_codes(salted jsonb, change integer) returns void language sql as $$
    insert into wall.code_frequency as f
    select d->>'community', code::integer, change * count(*)
    from jsonb_array_elements(salted) as d cross join lateral jsonb_array_elements_text(d->'codes') as code
    group by 1, 2 order by 1, 2
    on conflict (community, code) do update set documents = f.documents + excluded.documents;
    insert into wall.likeness_count as n
    select d->>'community', change * count(*) from jsonb_array_elements(salted) as d group by 1 order by 1
    on conflict (community) do update set documents = n.documents + excluded.documents;
$$;

create function norm_of(of_community text, salted integer[], weights smallint[], total integer) returns double precision language plpgsql stable as $$
begin
    return (select sqrt(sum((g.weight * code_worth(f.documents, total)) ^ 2))
            from unnest(salted, weights) as g (code, weight) left join wall.code_frequency f on f.community = of_community and f.code = g.code);
end $$;

-- At submission, or when it is read later: what it is about waits to be put among the others, if it is not there already.
create function note_likeness(c wall.complaint, reading jsonb) returns void language plpgsql as $$
begin
    if coalesce(jsonb_array_length(reading->'likeness'->'codes'), 0) = 0 or c.text = erased_text()
       or exists (select from wall.likeness l where l.community = c.community and l.complaint = c.complaint) then
        return;
    end if;
    insert into wall.likeness_new
    values (c.community, c.complaint, c.submitted, numbers(reading->'likeness'->'codes'), numbers(reading->'likeness'->'weights')::smallint[])
    on conflict (community, complaint) do nothing;
end $$;

create function place_waiting(batch integer) returns integer language plpgsql as $$
declare
    fresh wall.likeness_new[];
    one wall.likeness_new;
begin
    with taken as (
        delete from wall.likeness_new n using (
            select community, complaint from wall.likeness_new order by submitted limit batch for update skip locked) as first
        where n.community = first.community and n.complaint = first.complaint returning n.*
    )
    select array_agg(row(t.community, t.complaint, t.submitted, array(select code # code_salt(t.community) from unnest(t.codes) as code), t.weights)
                     ::wall.likeness_new order by t.submitted, t.complaint) into fresh from taken t;
    if fresh is null then
        return 0;
    end if;
    perform count_codes((select jsonb_agg(jsonb_build_object('community', f.community, 'codes', f.codes)) from unnest(fresh) as f), 1);
    foreach one in array fresh loop              -- one after the other: each is linked to what came before it
        insert into wall.likeness
        select one.community, one.complaint, one.submitted, one.codes, one.weights, norm_of(one.community, one.codes, one.weights, t.total), t.total
        from (select greatest(likeness_total(one.community), 1000) as total) as t
        on conflict (community, complaint) do nothing;
        perform link_new(one.community, one.complaint, array(select code # code_salt(one.community) from unnest(one.codes) as code), one.weights);
    end loop;
    return cardinality(fresh);
end $$;

-- A turn of the clock: one daemon at a time, and a quarter of a second at most: what is due must not wait, nor those who are writing, for comparing one
-- costs more than submitting it.
create function place_new(batch integer, out placed integer) language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    few constant integer := 10;
    since timestamptz := clock_timestamp();
    just integer;
begin
    placed := 0;
    while placed < batch and clock_timestamp() < since + interval '250 milliseconds'
          and exists (select from wall.likeness_new) and (placed > 0 or pg_try_advisory_xact_lock(311, 8)) loop
        just := place_waiting(least(few, batch - placed));
        exit when just = 0;
        placed := placed + just;
    end loop;
end $$;

-- What is too old to be suggested is forgotten.
create function forget_likeness(batch integer) returns integer language plpgsql as $$
declare
    gone jsonb;
begin
    with old as (
        delete from wall.likeness l using (
            select n.community, x.complaint from wall.likeness_count n
            cross join lateral (select wall_now() - (policy_at(n.community, wall_now())).similar_within as since) as t
            cross join lateral (select y.complaint from wall.likeness y
                                where y.community = n.community and y.submitted < t.since order by y.submitted limit batch) as x) as o
        where l.community = o.community and l.complaint = o.complaint returning l.community, l.codes
    )
    select jsonb_agg(jsonb_build_object('community', o.community, 'codes', o.codes)) into gone from old o;
    if gone is null then
        return 0;
    end if;
    perform count_codes(gone, -1);
    delete from wall.code_frequency f where f.documents <= 0 and (f.community, f.code) in (
        select d->>'community', code::integer from jsonb_array_elements(gone) as d cross join lateral jsonb_array_elements_text(d->'codes') as code);
    return jsonb_array_length(gone);
end $$;

-- A complaint whose words are erased is like nothing any more.
create function forget_about(c wall.complaint) returns void language plpgsql as $$
declare
    gone jsonb;
begin
    delete from wall.likeness_new n where n.community = c.community and n.complaint = c.complaint;
    with old as (
        delete from wall.likeness l where l.community = c.community and l.complaint = c.complaint returning l.community, l.codes
    )
    select jsonb_agg(jsonb_build_object('community', o.community, 'codes', o.codes)) into gone from old o;
    if gone is not null then
        perform count_codes(gone, -1);
    end if;
end $$;

-- The more texts there are, the more a rare code is worth: a norm that was made with a fifth fewer of them is made anew.
create function weigh_again(batch integer) returns integer language plpgsql as $$
declare
    weighed integer;
begin
    update wall.likeness l set norm = norm_of(l.community, l.codes, l.weights, o.total), weighed = o.total
    from wall.likeness_count n
    cross join lateral (
        select x.complaint, n.documents as total from wall.likeness x
        where x.community = n.community and x.weighed < n.documents * 4 / 5 order by x.weighed limit batch) as o
    where l.community = n.community and l.complaint = o.complaint;
    get diagnostics weighed = row_count;
    return weighed;
end $$;

create function tidy_likeness(batch integer, out tidied integer) language plpgsql security definer set search_path = wall, rules, pg_temp as $$
begin
    if pg_try_advisory_xact_lock(311, 8) then
        tidied := forget_likeness(batch) + weigh_again(batch);
    end if;
end $$;

-- Ask before you ask

-- What was proposed, with the names.
create function categories_json(of_community text, proposed jsonb) returns jsonb language plpgsql stable as $$
begin
    return (select coalesce(jsonb_agg(jsonb_build_object('category', k.code, 'name', k.name, 'name_en', k.name_en, 'confidence', c.value->'probability',
                                                         'because', c.value->'because') order by c.position), '[]')
            from jsonb_array_elements(proposed) with ordinality as c (value, position)
            join category k on k.community = of_community and k.code = c.value->>'category');
end $$;

-- What the department said last in public; of a merged case that is its master's word.
create function public_answer(of_community text, of_complaint uuid) returns json language plpgsql stable as $$
begin
    return (select json_build_object('kind', r.kind, 'at', instant(r.at), 'department', d.name, 'public_text', coalesce(r.masked, r.public_text))
            from reply r join department d using (community, department)
            where r.community = of_community and r.complaint = of_complaint and r.public_text is not null order by r.seq desc limit 1);
end $$;

-- Published ones only. Of merged ones the one they are merged into is shown, if it is published; what was rejected or withdrawn helps nobody.
create function similar_json(of_community text, codes integer[], weights smallint[], of_building text, of_category text, key bytea) returns text
language plpgsql stable as $$
declare
    moment timestamptz := wall_now();
    p record;
    essence bytea := sha256(convert_to(codes::text || weights::text, 'UTF8'));
begin
    select * into p from policy x where x.community = of_community and x.begins <= moment order by x.version desc limit 1;
    return (
        with hit as (
            select coalesce(m.complaint, c.complaint) as complaint, max(least(1, h.likeness * case when c.building = of_building then 1.1 else 1 end
                       * case when c.category = of_category then 1.05 else 1 end)) as likeness
            from alike(of_community, codes, weights, moment - p.similar_within, 30) h
            join complaint c on c.community = of_community and c.complaint = h.complaint and c.publication = 'published' and c.visibility = 'public'
            left join complaint m on m.community = c.community and m.complaint = c.master and m.publication = 'published' and m.visibility = 'public'
            where coalesce(m.status, c.status) not in ('rejected', 'withdrawn') group by 1
        ), best as (
            select * from hit where hit.likeness >= p.similar_from order by hit.likeness desc, hit.complaint desc limit 5
        )
        select json_list(string_agg(left(c.entry, -1) || ',"likeness":' || round(b.likeness::numeric, 2) || ',"posted_already":' || (b.likeness >= p.posted_from)
                   || ',"answer":' || coalesce(public_answer(c.community, c.complaint)::text, 'null') || ',"joinable":' || (not is_final(c.status))
                   || ',"suggestion":"' || suggestion_mark(c.complaint, (moment at time zone 'UTC')::date, essence, key) || '"}',
                   ',' order by b.likeness desc, c.complaint desc))
        from best b join complaint c on c.community = of_community and c.complaint = b.complaint);
end $$;

create function suggest(of_community text, of_building text, of_category text, reading jsonb, key bytea) returns text
language plpgsql stable as $$
declare
    categories jsonb := coalesce(reading->'categories', '[]');
    codes integer[] := array(select jsonb_array_elements_text(reading->'likeness'->'codes'));
    weights smallint[] := array(select jsonb_array_elements_text(reading->'likeness'->'weights'));
begin
    return '{"categories":' || categories_json(of_community, categories)::text || ',"similar":'
        || similar_json(of_community, codes, weights, of_building, coalesce(of_category, categories->0->>'category'), key) || '}';
end $$;
