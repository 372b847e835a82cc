-- Pictures: who may add one, where it goes, who may see it, how it leaves the store. The bytes are the picture layer's; here are names.

-- Pictures of a complaint in the order of their places. Runs for the public too, and sees there what is published.
create function pictures_json(of_community text, of_complaint uuid) returns text language plpgsql stable as $$
begin
    return (select json_list(string_agg(json_build_object(
                'n', p.n, 'hash', encode(p.hash, 'hex'), 'media_type', p.media_type, 'width', p.width, 'height', p.height, 'size', p.size,
                'url', '/v1/pictures/' || encode(p.hash, 'hex'),
                'thumbnail', '/v1/pictures/' || encode(p.hash, 'hex') || '?size=thumbnail', 'claim', p.claim)::text, ',' order by p.n))
            from picture p where p.community = of_community and p.complaint = of_complaint);
end $$;

-- Those of `sent` that the complaint has not got yet. `place` null: they go wherever there is room, and one that is there is not added again.
create function new_pictures(c wall.complaint, place integer, sent jsonb) returns jsonb language sql stable as $$
    select coalesce(jsonb_agg(s.picture order by s.position), '[]')
    from (select distinct on (one->>'source') one as picture, position
          from jsonb_array_elements(sent) with ordinality as x (one, position) order by one->>'source', position) as s
    where not exists (select from wall.picture p where p.community = c.community and p.complaint = c.complaint
                      and p.source = (s.picture->>'source')::bytea and (place is null or p.n = place))
$$;

create function free_places(c wall.complaint) returns integer[] language sql stable as $$
    select array(select n from generate_series(1, 9) as n
                 where not exists (select from wall.picture p where p.community = c.community and p.complaint = c.complaint and p.n = n.n) order by n)
$$;

-- May this caller add these pictures now? Returns those that are new: none of them, and there is nothing to do but to show the complaint.
create function check_pictures(c wall.complaint, at timestamptz, who caller, of_version integer, place integer, sent jsonb) returns jsonb
language plpgsql as $$
declare
    fresh jsonb := new_pictures(c, place, sent);
    free integer[] := free_places(c);
begin
    if relations(c, who) && '{reporter,claimant}' and fresh = '[]' then
        return fresh;
    end if;
    perform may(c, at, 'pictures', who, of_version);
    if place <> all(free) then
        perform refuse('place_taken');
    end if;
    if jsonb_array_length(fresh) > cardinality(free) then
        perform refuse('too_many_pictures', jsonb_build_object('free', cardinality(free)));
    end if;
    return fresh;
end $$;

-- Before anything is decoded: since when they are on their way where they may come, the complaint where all of them are there already.
create function admit_pictures(of_community text, of_complaint uuid, who caller, of_version integer, place integer, sent jsonb,
                               out body text, out version integer, out location text, out began text)
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    taken record;
begin
    select * into taken from take_up(of_community, of_complaint, null);
    if check_pictures(taken.c, taken.at, who, of_version, place, sent) = '[]' then
        body := complaint_json(taken.c, who, relations(taken.c, who));
        version := (taken.c).version;
        location := '/v1/complaints/' || of_complaint;
    else
        began := clock_timestamp();              -- not the product's time: it is compared with the sweep's
    end if;
end $$;

-- What the sweep removes while `sent` was on its way into the store may be gone: then it has to come once more.
create function rely_on_pictures(sent jsonb, began timestamptz) returns void language plpgsql as $$
begin
    perform pg_advisory_xact_lock_shared(hashtextextended('pictures', 312));
    perform from wall.picture_leaving l
    where l.hash = any(array(select decode(one->>'hash', 'hex') from jsonb_array_elements(sent) as one))
      and coalesce(l.ended, 'infinity') >= began;
    if found then
        perform refuse('busy');
    end if;
end $$;

-- The reporter, or the volunteer at work, adds pictures that are in the store, given to it after `began`. The event commits to their hashes.
create function add_pictures(of_community text, of_complaint uuid, who caller, of_version integer, place integer, sent jsonb, began timestamptz,
                             out body text, out version integer, out location text)
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    taken record;
    c wall.complaint;
    fresh jsonb;
    places integer[];
    of_claim uuid;                               -- a volunteer's is marked with it
begin
    select * into taken from take_up(of_community, of_complaint, null);
    c := taken.c;
    fresh := check_pictures(c, taken.at, who, of_version, place, sent);
    if fresh <> '[]' then
        perform rely_on_pictures(fresh, began);
        of_claim := case when 'claimant' = any(relations(c, who)) then claim_running(c) end;
        places := case when place is null then free_places(c) else array[place] end;
        insert into wall.picture
        select c.community, c.complaint, places[position], decode(one->>'hash', 'hex'), (one->>'source')::bytea, 'image/jpeg',
               (one->>'width')::integer, (one->>'height')::integer, (one->>'size')::integer, taken.at, of_claim
        from jsonb_array_elements(fresh) with ordinality as x (one, position);
        c := move(c, taken.at, 'pictures', case when of_claim is null then 'reporter' else 'volunteer' end, null, '{}',
                  jsonb_strip_nulls(jsonb_build_object('n', to_jsonb(places[1:jsonb_array_length(fresh)]), 'claim', of_claim)),
                  (select string_agg(one->>'hash', E'\n' order by position) from jsonb_array_elements(fresh) with ordinality as x (one, position)));
    end if;
    body := complaint_json(c, who, relations(c, who));
    version := c.version;
    location := '/v1/complaints/' || c.complaint;
end $$;

-- A picture, where one of the complaints that have it is shown to this caller; `shared`: to everybody.
create function find_picture(of_community text, of_hash bytea, who caller) returns table (media_type text, shared boolean) language plpgsql stable as $$
begin
    if who.role = 'public' then
        return query select p.media_type, true from picture p where p.community = of_community and p.hash = of_hash limit 1;
    else
        return query
            select p.media_type, c.publication = 'published' and c.visibility = 'public'
            from wall.picture p join wall.complaint c using (community, complaint)
            where p.community = of_community and p.hash = of_hash and relations(c, who) <> '{}'
            order by 2 desc limit 1;
    end if;
end $$;

-- For retention and erasing: the pictures of a complaint, or those that came with one claim, are nobody's any more. The sweep takes the files
-- that no other complaint has; of the hashes that events commit to nothing is left.
create function erase_pictures(of_community text, of_complaint uuid, of_claim uuid default null) returns integer
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    c wall.complaint;
    erased integer;
begin
    delete from wall.picture p where p.community = of_community and p.complaint = of_complaint and (of_claim is null or p.claim = of_claim);
    get diagnostics erased = row_count;
    delete from wall.event_text t using wall.event e
    where t.community = of_community and t.complaint = of_complaint and e.community = t.community and e.complaint = t.complaint and e.seq = t.seq
      and e.action = 'pictures' and (of_claim is null or e.data->>'claim' = of_claim::text);
    if erased > 0 then
        select * into c from wall.complaint x where x.community = of_community and x.complaint = of_complaint for update;
        c.entry := entry_json(c);
        perform keep(c);
        perform pg_notify('pictures', '');
    end if;
    return erased;
end $$;

-- The sweep. Of these files those that no complaint has are to leave: while they do, and to those that were stored meanwhile,
-- rely_on_pictures() says no.
create function leave_pictures(hashes text[]) returns table (hash text)
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('pictures', 312));
    return query
        insert into wall.picture_leaving as l
        select distinct h.digest from (select decode(named, 'hex') as digest from unnest(hashes) as named) as h
        where not exists (select from wall.picture p where p.hash = h.digest)
        on conflict on constraint picture_leaving_pkey do update set ended = null
        returning encode(l.hash, 'hex');
end $$;

create function pictures_left(hashes text[]) returns bigint language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    forgotten bigint;
begin
    update wall.picture_leaving l set ended = clock_timestamp() where encode(l.hash, 'hex') = any(hashes);
    delete from wall.picture_leaving l where l.ended < clock_timestamp() - interval '1 day';
    get diagnostics forgotten = row_count;
    return forgotten;
end $$;
