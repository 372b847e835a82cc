-- The daily bulletin (日清公报). When a day is taken, its clearing, its counts and its cases become one canonical text; its hash goes into the
-- text of the next day. A case is there by its leaf alone, the hash of its last event of the day, which covers its whole history. Who holds a
-- receipt can show that a complaint is under one of the leaves, and when it was filed; who does not learns nothing of it.

-- The Merkle tree of RFC 9162, section 2.1. Pairing level by level, an odd one going up as it is, makes the same tree as its definition.
create function merkle_leaves(leaves bytea[]) returns bytea[] language sql immutable as $$
    select array(select sha256('\x00'::bytea || leaf) from unnest(leaves) with ordinality as l (leaf, position) order by position)
$$;

create function merkle_above(nodes bytea[]) returns bytea[] language sql immutable as $$
    select array(select case when 2 * n <= cardinality(nodes) then sha256('\x01'::bytea || nodes[2 * n - 1] || nodes[2 * n]) else nodes[2 * n - 1] end
                 from generate_series(1, (cardinality(nodes) + 1) / 2) as n order by n)
$$;

create function merkle_root(leaves bytea[]) returns bytea language plpgsql immutable as $$
declare
    nodes bytea[] := merkle_leaves(leaves);
begin
    while cardinality(nodes) > 1 loop
        nodes := merkle_above(nodes);
    end loop;
    return coalesce(nodes[1], sha256(''));
end $$;

-- What has to be hashed to a leaf, from below, to come to the root: each with the side on which it stands.
create function merkle_path(leaves bytea[], leaf bytea) returns jsonb language plpgsql immutable as $$
declare
    nodes bytea[] := merkle_leaves(leaves);
    position integer := array_position(leaves, leaf);
    path jsonb := '[]';
    beside integer;
begin
    while cardinality(nodes) > 1 loop
        beside := case when position % 2 = 1 then position + 1 else position - 1 end;
        if beside <= cardinality(nodes) then
            path := path || jsonb_build_object('side', case when beside < position then 'left' else 'right' end, 'hash', encode(nodes[beside], 'hex'));
        end if;
        nodes := merkle_above(nodes);
        position := (position + 1) / 2;
    end loop;
    return path;
end $$;

-- The last event of the day of each case to which something happened in it.
create function touched(of_community text, began timestamptz, cutoff timestamptz) returns setof wall.event language sql stable as $$
    select distinct on (e.complaint) e.*
    from wall.event e where e.community = of_community and e.at > began and e.at <= cutoff order by e.complaint, e.seq desc
$$;

create function bulletin_leaves(of_community text, began timestamptz, cutoff timestamptz) returns bytea[] language sql stable as $$
    select array(select t.hash from touched(of_community, began, cutoff) t order by t.hash)
$$;

-- row_to_json() writes members in the order of the columns and nothing between them: with the columns in order of their names it is canonical.
create function bulletin_cases(of_community text, began timestamptz, cutoff timestamptz) returns json language sql stable as $$
    select json_list(string_agg(row_to_json(k)::text, ',' order by k.leaf))::json
    from (select d.code as department, encode(t.hash, 'hex') as leaf, t.status, t.turn
          from touched(of_community, began, cutoff) t join wall.department d using (community, department)) as k
$$;

create function bulletin_departments(of_community text, of_day date) returns json language sql stable as $$
    select json_list(string_agg(row_to_json(r)::text, ',' order by r.department))::json
    from (select x.answered, x.cleared, d.code as department, x.idle, x.late_arrivals, x.open, x.received, x.strictly_cleared
          from wall.clearing x join wall.department d using (community, department) where x.community = of_community and x.day = of_day) as r
$$;

-- What was done in the day, whenever it was owed: each a count of facts of that day.
create function bulletin_figures(of_community text, since timestamptz, until timestamptz) returns json language sql stable as $$
    select row_to_json(f) from (
        select (select count(*) from wall.deadline_mark m where m.community = of_community and m.kind = 'reply' and m.mark = 'breached'
                    and m.at > since and m.at <= until) as breached,
               count(*) filter (where e.action in ('confirm', 'lapse')) as closed,
               (select count(*) from wall.deadline_mark m join wall.deadline d using (community, complaint, kind, round)
                where m.community = of_community and m.kind = 'reply' and m.mark = 'met' and m.at > since and m.at <= until and m.at <= d.due) as in_time,
               (select count(*) from wall.rating r where r.community = of_community and r.at > since and r.at <= until) as rated,
               count(*) filter (where e.action in ('redo', 'reopen')) as redone,
               (select count(*) from wall.deadline_mark m where m.community = of_community and m.kind = 'reply' and m.mark = 'met'
                    and m.at > since and m.at <= until) as replied,
               (select count(*) from wall.rating r where r.community = of_community and r.at > since and r.at <= until and r.stars >= 4) as satisfied,
               count(*) filter (where e.action = 'submit') as submitted
        from wall.event e where e.community = of_community and e.at > since and e.at <= until) as f
$$;

-- The text of a taken day: nothing but its row in `clearing`, the facts up to its cutoff, and the hash before.
create function bulletin_content(of_community text, d day_bounds, previous bytea) returns text language sql stable as $$
    select row_to_json(b)::text from (
        select instant(d.began) as began, bulletin_cases(of_community, d.began, d.cutoff) as cases, of_community as community,
               instant(d.cutoff) as cutoff, d.day, bulletin_departments(of_community, d.day) as departments,
               bulletin_figures(of_community, d.began, d.cutoff) as figures, instant(d.grace) as grace, d.policy, encode(previous, 'hex') as previous,
               encode(merkle_root(bulletin_leaves(of_community, d.began, d.cutoff)), 'hex') as root, d.zone) as b
$$;

-- The hash that a day continues; the first bulletin of a community continues nothing.
create function bulletin_before(of_community text, of_day date) returns bytea language sql stable as $$
    select coalesce((select hash from wall.bulletin where community = of_community and day = of_day - 1), decode(repeat('00', 32), 'hex'))
$$;

create function issue_bulletin(of_community text, d day_bounds) returns void language plpgsql as $$
declare
    content text := bulletin_content(of_community, d, bulletin_before(of_community, d.day));
begin
    insert into wall.bulletin
    values (of_community, d.day, content, merkle_root(bulletin_leaves(of_community, d.began, d.cutoff)), sha256(convert_to(content, 'UTF8')));
    perform draw_asked(of_community, d.day, d.cutoff, sha256(convert_to(content, 'UTF8')));
end $$;

-- Every day since the first bulletin has one, and it says what its facts say.
create function verify_bulletins(of_community text) returns table (what text, difference text) language plpgsql stable as $$
begin
    return query
        select format('bulletin of day %s', t.day), case
            when b.day is null then 'is missing'
            when b.hash <> sha256(convert_to(b.content, 'UTF8')) then 'its hash is not that of its content'
            when b.content <> bulletin_content(of_community, bounds_taken(of_community, t.day), bulletin_before(of_community, t.day)) then
                'is not what the facts of the day come to'
            when b.root <> merkle_root(bulletin_leaves(of_community, t.began, t.cutoff)) then 'its root is not that of its cases' end
        from (select distinct x.day, x.began, x.cutoff from wall.clearing x where x.community = of_community) as t
        left join wall.bulletin b on b.community = of_community and b.day = t.day
        where t.day >= (select min(x.day) from wall.bulletin x where x.community = of_community)
          and (b.day is null or b.hash <> sha256(convert_to(b.content, 'UTF8'))
               or b.content <> bulletin_content(of_community, bounds_taken(of_community, t.day), bulletin_before(of_community, t.day))
               or b.root <> merkle_root(bulletin_leaves(of_community, t.began, t.cutoff)));
end $$;

-- Showing them. Tables without a schema: for public requests those are the views.

create function show_bulletin(of_community text, named text) returns text language plpgsql stable as $$
begin
    return (select format('{"day":"%s","hash":"%s","content":%s}', b.day, encode(b.hash, 'hex'), b.content)
            from bulletin b where b.community = of_community and b.day = nullif(named, 'today')::date);
end $$;

-- The chain without what hangs on it, newest first. Days are keys enough; ids of pages are not used here.
create function list_bulletins(of_community text, size integer, after_key date) returns page language plpgsql stable as $$
begin
    return (select page_of(array_agg(b.day::text), array_agg('00000000-0000-0000-0000-000000000000'::uuid), array_agg(json_build_object(
                'day', b.day, 'root', encode(b.root, 'hex'), 'hash', encode(b.hash, 'hex'))::text), size)
            from (select x.day, x.root, x.hash from bulletin x
                  where x.community = of_community and x.day < coalesce(after_key, 'infinity') order by x.day desc limit size + 1) as b);
end $$;

-- That the complaint a receipt opens is in the bulletin of a day: its events up to the leaf as their hashes cover them, the way from the leaf to
-- the root, and the nonce with which the first event commits to the receipt. It names nobody. Null: nothing happened to it on that day.
create function prove_filing(of_community text, named text, who caller) returns text
language plpgsql stable security definer set search_path = wall, rules, pg_temp as $$
declare
    d day_bounds := bounds_taken(of_community, nullif(named, 'today')::date);
    last wall.event;
begin
    select * into last from wall.event e
    where e.community = of_community and e.complaint = who.opened and e.at > d.began and e.at <= d.cutoff order by e.seq desc limit 1;
    return (
        select json_build_object(
            'day', b.day, 'hash', encode(b.hash, 'hex'), 'root', encode(b.root, 'hex'), 'complaint', last.complaint,
            'filed', (select instant(min(e.at)) from wall.event e where e.community = of_community and e.complaint = last.complaint),
            'nonce', (select encode(r.nonce, 'hex') from wall.receipt r where r.community = of_community and r.complaint = last.complaint limit 1),
            'events', (select json_agg(convert_from(canonical(e), 'UTF8') order by e.seq) from wall.event e
                       where e.community = of_community and e.complaint = last.complaint and e.seq <= last.seq),
            'leaf', encode(last.hash, 'hex'), 'path', merkle_path(bulletin_leaves(of_community, d.began, d.cutoff), last.hash))::text
        from wall.bulletin b where b.community = of_community and b.day = d.day and last.complaint is not null);
end $$;
