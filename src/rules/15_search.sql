-- Finding complaints by their words. C makes of a text what it is found by (include/text/grams.h): numbers, one for each pair of neighbouring
-- characters. A complaint that holds a phrase has all of the phrase's numbers: the index finds those, and the text itself decides.
--
-- The numbers are mixed with a key of the community and of the drawer, a stretch of time of some thousand complaints. So each drawer is an index
-- of its own within the one index: looking from the newest drawer on can stop as soon as there is enough, however much is older.

create function drawer_size() returns integer language sql immutable as $$ select 4096 $$;

create function drawer_key(of_community text, begins timestamptz) returns integer language plpgsql immutable as $$
begin
    return ('x' || left(md5(of_community || ' ' || extract(epoch from begins)), 8))::bit(32)::integer;
end $$;

create function drawer_codes(of_community text, begins timestamptz, codes integer[]) returns integer[] language plpgsql immutable as $$
declare
    key integer := drawer_key(of_community, begins);
begin
    return array(select code # key from unnest(codes) as code);
end $$;

create function drawer_of(of_community text, at timestamptz) returns timestamptz language plpgsql stable as $$
begin
    return coalesce((select max(begins) from wall.drawer where community = of_community and begins <= at), '-infinity');
end $$;

-- Numbers of complaints rise, with gaps: now and then one that divides falls out, and a drawer becomes larger. It begins in a minute, whatever
-- moment the complaint itself shows, for no submission that is under way now may miss it.
create function begin_drawer(c wall.complaint) returns void language plpgsql as $$
begin
    if split_part(c.number, '-', 2)::bigint % drawer_size() = 0 then
        insert into wall.drawer values (c.community, c.last + interval '1 minute') on conflict do nothing;
    end if;
end $$;

create function numbers(list jsonb) returns integer[] language plpgsql immutable as $$
begin
    return coalesce(translate(list::text, '[]', '{}'), '{}')::integer[];
end $$;

-- Puts what was read of a complaint (include/http/reading.h) where it is found. Without that it waits for the reader (src/jobs/reader.c).
create function file_text(of_community text, of_complaint uuid, at timestamptz, reading jsonb) returns void language plpgsql as $$
declare
    plain jsonb := reading->'plain';
    key integer;
begin
    if plain is null then
        perform read_again(of_community, of_complaint);
        return;
    end if;
    key := drawer_key(of_community, drawer_of(of_community, at));
    insert into wall.complaint_text
    values (of_community, of_complaint, at, plain->'title'->>'text', numbers(plain->'title'->'steps'), plain->'text'->>'text',
            numbers(plain->'text'->'steps'),
            array(select distinct code # key from unnest(numbers(reading->'grams') || numbers(reading->'title_grams')) as code), (plain->>'version')::integer)
    on conflict (community, complaint) do update
    set (submitted, title, title_steps, text, text_steps, codes, grams)
        = row(excluded.submitted, excluded.title, excluded.title_steps, excluded.text, excluded.text_steps, excluded.codes, excluded.grams);
end $$;

-- What was filed waits in the index's list of pending entries, which every probe reads through: the clock sorts it in while it is short. Many
-- together cost less than each by itself, for a text has hundreds of entries, most of them shared.
create function sort_grams_in(out pages bigint) language sql security definer set search_path = wall, rules, pg_temp as $$
    select gin_clean_pending_list('wall.complaint_text_codes')
$$;

-- A text was changed or erased: it is not found until somebody has read it again.
create function read_again(of_community text, of_complaint uuid) returns void language plpgsql security definer set search_path = wall, rules, pg_temp as $$
begin
    delete from wall.complaint_text t where t.community = of_community and t.complaint = of_complaint;
    insert into wall.unread values (of_community, of_complaint)
    on conflict (community, complaint) do update set mark = gen_random_uuid();
end $$;

-- Once for each version of the grams, everything is read anew; until then it is found as before.
create function read_anew(of_version integer) returns bigint language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    asked bigint;
begin
    perform from wall.grams_version where version = of_version;
    if found then
        return 0;
    end if;
    insert into wall.grams_version values (true, of_version) on conflict (one) do update set version = of_version;
    insert into wall.unread select community, complaint from wall.complaint_text where grams <> of_version on conflict do nothing;
    get diagnostics asked = row_count;
    return asked;
end $$;

-- What leads to a person was found in a text that was filed before anybody looked for it.
create function mask_again(of_community text, of_complaint uuid, masked jsonb) returns void language plpgsql as $$
declare
    c wall.complaint;
begin
    if coalesce(masked, '{}') = '{}' then
        return;
    end if;
    select * into c from wall.complaint x where x.community = of_community and x.complaint = of_complaint for update;
    c.masked_title := coalesce(masked->>'title', c.masked_title);
    c.masked_text := coalesce(masked->>'text', c.masked_text);
    c.masked_place := coalesce(masked->>'place', c.masked_place);
    update wall.complaint x set masked_title = c.masked_title, masked_text = c.masked_text, masked_place = c.masked_place, entry = entry_json(c)
    where x.community = of_community and x.complaint = of_complaint;
end $$;

-- What the reader has read: a list of {community, complaint, mark, reading}. What was changed meanwhile stays unread.
create function file_texts(readings jsonb) returns void language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    r record;
begin
    for r in select * from jsonb_to_recordset(readings) as given(community text, complaint uuid, mark uuid, reading jsonb) loop
        delete from wall.unread u where u.community = r.community and u.complaint = r.complaint and u.mark = r.mark;
        if found then
            perform mask_again(r.community, r.complaint, r.reading->'masked');
            perform file_text(c.community, c.complaint, c.submitted, r.reading), note_likeness(c, r.reading) from wall.complaint c
            where c.community = r.community and c.complaint = r.complaint;
        end if;
    end loop;
end $$;

-- What is looked for (include/text/sought.h), and among what.
create type sought as (phrase text, words text[], pairs integer[], singles integer[]);
create type search_filter as (category text, department uuid, building text, status text, since timestamptz, until timestamptz, answered boolean,
                              desk boolean, office uuid);
-- A place in the order of submission, and what lies there.
create type place as (submitted timestamptz, complaint uuid);
create type hit as (rank integer, submitted timestamptz, complaint uuid);

create function read_sought(q jsonb) returns sought language sql immutable as $$
    select row(q->>'phrase', array(select jsonb_array_elements_text(q->'words')), (q->>'pairs')::integer[], (q->>'singles')::integer[])::sought
$$;

-- How well a text holds what is looked for; null: it does not. 3: the title has the phrase, 2: the title has all words, 1: the text has the
-- phrase, 0: title and text have all words. Words of one character are looked for in the title, or in the beginning of a text without one.
create function rank_of(title text, text text, q sought) returns integer language plpgsql immutable as $$
declare
    heading text := coalesce(title, left(text, 120));
    titled boolean := title is not null;
    word text;
begin
    foreach word in array q.words loop
        if strpos(heading, word) = 0 then
            if q.pairs = '{}' or strpos(text, word) = 0 then
                return null;
            end if;
            titled := false;
        end if;
    end loop;
    return case when strpos(title, q.phrase) > 0 then 3 when titled then 2 when strpos(text, q.phrase) > 0 then 1 else 0 end;
end $$;

-- What somebody at the desk may see: a dispatcher and a supervisor everything, an officer what is or was the department's.
create function seen_at_desk(of_community text, of_complaint uuid, office uuid) returns boolean language plpgsql stable as $$
begin
    return office is null or exists (select from wall.complaint c where c.community = of_community and c.complaint = of_complaint and c.department = office)
        or exists (select from wall.holding h where h.community = of_community and h.complaint = of_complaint and h.department = office);
end $$;

-- The matches between two places of the order of submission, both included, newest or oldest first, until there are as many as wanted, or so
-- many were looked at that it is enough for one request: `last` was looked at last, `more` says that there may be others beyond it.
-- Nested loops pull drawer after drawer and candidate after candidate, in this order; the loop below stops pulling.
create function find_hits(of_community text, q sought, f search_filter, upper place, lower place, skipped uuid, oldest boolean, wanted integer,
                          out hits hit[], out last place, out more boolean) language plpgsql stable as $$
declare
    enough constant integer := 4000;
    looked_at integer := 0;
    looked_for integer[] := case when q.pairs <> '{}' then q.pairs else q.singles end;
    k record;
begin
    hits := '{}';
    more := true;
    for k in
        select candidate.submitted, candidate.complaint, held.rank
        from (select begins, ends
              from (select begins, lead(begins, 1, 'infinity') over (order by begins) as ends
                    from (select begins from drawer where community = of_community union all select '-infinity') as known) as stretch
              where begins <= upper.submitted and ends > lower.submitted
              order by case when oldest then begins end, begins desc offset 0) as drawer
        cross join lateral (select drawer_codes(of_community, drawer.begins, looked_for) as codes offset 0) as mixed
        cross join lateral (
            select t.submitted, t.complaint from complaint_text t
            where t.community = of_community and t.codes @> mixed.codes and t.submitted >= drawer.begins and t.submitted < drawer.ends
              and (t.submitted, t.complaint) <= (upper.submitted, upper.complaint) and (t.submitted, t.complaint) >= (lower.submitted, lower.complaint)
            order by case when oldest then t.submitted end, case when oldest then t.complaint end, t.submitted desc, t.complaint desc offset 0) as candidate
        left join lateral (
            select rank_of(t.title, t.text, q) as rank
            from complaint c join complaint_text t on t.community = of_community and t.complaint = c.complaint
            where c.community = of_community and c.complaint = candidate.complaint
              and case when f.desk then seen_at_desk(c.community, c.complaint, f.office) else c.publication = 'published' and c.visibility = 'public' end
              and (f.category is null or c.category = f.category) and (f.department is null or c.department = f.department)
              and (f.building is null or c.building = f.building) and (f.status is null or c.status = f.status)
              and (f.since is null or c.submitted >= f.since) and (f.until is null or c.submitted < f.until)
              and (f.answered is null or (c.first_reply is not null) = f.answered) offset 0) as held on true
    loop
        continue when k.complaint = skipped;
        last := row(k.submitted, k.complaint);
        looked_at := looked_at + 1;
        if k.rank is not null then
            hits := hits || row(k.rank, k.submitted, k.complaint)::hit;
        end if;
        if cardinality(hits) = wanted or looked_at = enough then
            return;
        end if;
    end loop;
    more := false;
end $$;

-- Where a plain text's character was written (include/text/plain.h); steps are pairs, found by halving.
create function written_at(p integer, steps integer[]) returns integer language plpgsql immutable as $$
declare
    low integer := 0;
    high integer := cardinality(steps) / 2;
    middle integer;
begin
    while low < high loop
        middle := (low + high + 1) / 2;
        if steps[2 * middle - 1] <= p then
            low := middle;
        else
            high := middle - 1;
        end if;
    end loop;
    return p + case when low > 0 then steps[2 * low] else 0 end;
end $$;

-- Where words stand in a part of a plain text, as stretches of the text as it was written.
create function written_marks(written text, plain text, steps integer[], words text[], first integer, size integer) returns int4multirange
language plpgsql immutable as $$
declare
    unseen constant text := E' \t\n\r\u00a0\u00ad\u200b\u200e\u200f\u2060\u2066\u2067\u2068\u2069\u202a\u202b\u202c\u202d\u202e\u3000\ufeff';
    part text := substr(plain, first, size);
    marks int4multirange := '{}';
    word text;
    after integer;
    found integer;
    begins integer;
    ends integer;
begin
    foreach word in array words loop
        after := 0;
        loop
            found := strpos(substr(part, after + 1), word);
            exit when found = 0;
            begins := written_at(first + after + found - 1, steps);
            ends := written_at(first + after + found - 1 + length(word), steps);
            ends := begins + greatest(1, length(rtrim(substr(written, begins, ends - begins), unseen)));
            marks := marks + int4multirange(int4range(begins, ends));
            after := after + found - 1 + length(word);
        end loop;
    end loop;
    return marks;
end $$;

-- A text as a list of pieces, {"text", "hit"}, cut to the surroundings of the first hit if it is longer than `size`; a cut shows as an ellipsis.
create function pieces_json(written text, plain text, steps integer[], q sought, size integer) returns text language plpgsql immutable as $$
declare
    lead constant integer := 20;
    first integer := coalesce(nullif(strpos(plain, q.phrase), 0),
                              (select min(strpos(plain, word)) from unnest(q.words) as word where strpos(plain, word) > 0), 1);
    begins integer := case when length(written) > size then greatest(1, written_at(first, steps) - lead) else 1 end;
    ends integer := least(begins + size, length(written) + 1);
    at integer := begins;
    mark int4range;
    pieces text := case when begins > 1 then '{"text":"…","hit":false}' end;
begin
    for mark in
        select unnest(written_marks(written, plain, steps, q.words, greatest(1, first - lead), size + lead) * int4multirange(int4range(begins, ends)))
    loop
        if lower(mark) > at then
            pieces := concat_ws(',', pieces, '{"text":' || to_json(unturned(substr(written, at, lower(mark) - at))) || ',"hit":false}');
        end if;
        pieces := concat_ws(',', pieces, '{"text":' || to_json(unturned(substr(written, lower(mark), upper(mark) - lower(mark)))) || ',"hit":true}');
        at := upper(mark);
    end loop;
    if ends > at then
        pieces := concat_ws(',', pieces, '{"text":' || to_json(unturned(substr(written, at, ends - at))) || ',"hit":false}');
    end if;
    if ends <= length(written) then
        pieces := concat_ws(',', pieces, '{"text":"…","hit":false}');
    end if;
    return json_list(pieces);
end $$;

-- The entries of hits, in their order, each with what it was found by, as the public may read it.
create function entries_of(of_community text, hits hit[], q sought) returns text language plpgsql stable as $$
begin
    return (select '{"items":' || json_list(string_agg(
                left(c.entry, -1) || ',"snippet":{"title":'
                || case when t.title is null then 'null'
                        else pieces_json(coalesce(c.masked_title, c.title), t.title, t.title_steps, q, 200) end
                || ',"text":' || pieces_json(coalesce(c.masked_text, c.text), t.text, t.text_steps, q, 120) || '}}', ',' order by h.position)) || '}'
            from unnest(hits) with ordinality as h(rank, submitted, complaint, position)
            join complaint c on c.community = of_community and c.complaint = h.complaint
            join complaint_text t on t.community = of_community and t.complaint = h.complaint);
end $$;

create function first_place() returns place language sql immutable as $$
    select row('-infinity', '00000000-0000-0000-0000-000000000000')::place
$$;

create function last_place() returns place language sql immutable as $$
    select row('infinity', 'ffffffff-ffff-ffff-ffff-ffffffffffff')::place
$$;

-- A page in the order of submission. It may hold less than asked for and still not be the last.
create function search_in_order(of_community text, q sought, f search_filter, oldest boolean, size integer, after place) returns page
language plpgsql stable as $$
declare
    found record;
    next place;
begin
    found := find_hits(of_community, q, f, case when oldest then last_place() else coalesce(after, last_place()) end,
                       case when oldest then coalesce(after, first_place()) else first_place() end, after.complaint, oldest, size + 1);
    if cardinality(found.hits) > size then
        next := row(found.hits[size].submitted, found.hits[size].complaint);
    elsif found.more then
        next := found.last;
    end if;
    return row(entries_of(of_community, found.hits[:size], q), next.submitted, next.complaint)::page;
end $$;

-- A page of the best. The newest 200 matches are put in order of rank, within a rank the newest first; when they are shown, the next 200. The
-- cursor holds the stretch that is being shown, so that what comes in meanwhile moves nothing.
create function search_the_best(of_community text, q sought, f search_filter, size integer, after_key jsonb, after_id uuid) returns page
language plpgsql stable as $$
declare
    stretch constant integer := 200;
    within boolean := coalesce(after_key ? 'rank', false);
    top place := case when within then row(after_key->'top'->>0, after_key->'top'->>1)::place
                      when after_id is null then last_place() else row(after_key->>'at', after_id)::place end;
    bottom place := case when within then row(after_key->'bottom'->>0, after_key->'bottom'->>1)::place else first_place() end;
    found record;
    shown hit[];
    more boolean;
begin
    found := find_hits(of_community, q, f, top, bottom, case when within then null else after_id end, false, case when within then null else stretch end);
    more := case when within then (after_key->>'more')::boolean else found.more end;
    if not within and found.last is not null then
        top := row((found.hits[1]).submitted, (found.hits[1]).complaint);
        bottom := found.last;
    end if;
    shown := array(select h::hit from unnest(found.hits) as h
                   where not within or (h.rank, h.submitted, h.complaint) < ((after_key->>'rank')::integer, (after_key->>'at')::timestamptz, after_id)
                   order by h.rank desc, h.submitted desc, h.complaint desc limit size + 1);
    if cardinality(shown) > size then
        return row(entries_of(of_community, shown[:size], q),
                   jsonb_build_object('rank', shown[size].rank, 'at', shown[size].submitted, 'top', jsonb_build_array(top.submitted, top.complaint),
                                      'bottom', jsonb_build_array(bottom.submitted, bottom.complaint), 'more', more), shown[size].complaint)::page;
    end if;
    return row(entries_of(of_community, shown, q), case when more then jsonb_build_object('at', bottom.submitted) end,
               case when more then bottom.complaint end)::page;
end $$;

create function search(of_community text, q jsonb, f search_filter, sort text, size integer, after_key text, after_id uuid) returns page
language plpgsql stable as $$
begin
    if coalesce(sort, 'relevance') = 'relevance' then
        return search_the_best(of_community, read_sought(q), f, size, after_key::jsonb, after_id);
    end if;
    return search_in_order(of_community, read_sought(q), f, sort = 'oldest', size,
                           case when after_id is not null then row(after_key, after_id)::place end);
end $$;
