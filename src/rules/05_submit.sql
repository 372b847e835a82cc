-- A complaint comes in: stored, committed to by hash, classified, routed - in one transaction, with one answer.

-- How somebody may appear: named and masked need somebody to name, anonymous must have nobody.
create function identity_of(who caller, input jsonb, sealed bytea) returns text language plpgsql as $$
declare
    known boolean := who.role = 'resident' or sealed is not null;
    wanted text := coalesce(input->>'identity', case when known then 'named' else 'anonymous' end);
begin
    if wanted = 'anonymous' and sealed is not null then
        perform refuse_field('/contact', 'an anonymous complaint has no contact');
    end if;
    if wanted <> 'anonymous' and not known then
        perform refuse_field('/contact', 'is required unless the complaint is anonymous');
    end if;
    if who.role = 'key' and 'open311:write' <> all(who.scopes) then
        perform refuse('not_permitted');
    end if;
    if input ? 'channel' and who.role not in ('dispatcher', 'key') then
        perform refuse_field('/channel', 'is for dispatchers');
    end if;
    return wanted;
end $$;

create function check_place(of_community text, input jsonb) returns void language plpgsql as $$
begin
    perform from wall.category where community = of_community and code = input->>'category';
    if not found and input->>'category' is not null then
        perform refuse_field('/category', 'there is no such category', 'unknown_category');
    end if;
    perform from wall.building where community = of_community and code = input->>'building';
    if not found and input->>'building' is not null and exists (select from wall.building where community = of_community) then
        perform refuse_field('/building', 'there is no such building', 'unknown_building');
    end if;
end $$;

create function next_number(of_community text, at timestamptz, zone text) returns text language plpgsql as $$
declare
    position bigint := nextval(format('wall.%I', 'number_' || of_community)::regclass);
begin
    return to_char(at at time zone zone, 'YYYYMMDD') || '-' || case when position < 10000 then lpad(position::text, 4, '0') else position::text end;
end $$;

-- The complaint as it is before anything has happened to it.
create function new_complaint(home wall.community, who caller, input jsonb, id uuid, identity text, at timestamptz, p wall.policy) returns wall.complaint
language plpgsql as $$
declare
    c wall.complaint;
begin
    c.community := home.community;
    c.complaint := id;
    c.number := next_number(home.community, at, home.time_zone);
    c.channel := coalesce(input->>'channel', 'web');
    c.identity := identity;
    if identity = 'masked' then
        c.alias := alias_of(c.number);
    end if;
    c.title := input->>'title';
    c.text := input->>'text';
    c.category := input->>'category';
    c.building := input->>'building';
    c.place := input->>'place';
    c.latitude := (input->>'latitude')::double precision;
    c.longitude := (input->>'longitude')::double precision;
    c.submitted := at;
    c.policy := p.version;
    c.status := 'submitted';
    c.turn := 'department';
    c.department := dispatch_office(home.community);
    c.urgent := false;
    c.round := 0;
    c.reply_open := true;
    c.reply_due := at + p.reply;
    c.overdue := false;
    c.received := at;
    c.asks := 0;
    c.interims := 0;
    c.returns := 0;
    c.redos := 0;
    c.reopens := 0;
    c.supporters := 0;
    c.last := at;
    c.hash := sha256(convert_to(c.community || '/' || c.complaint, 'UTF8'));
    c.version := 1;
    c.round_times := false;
    return case when (input->>'round_times')::boolean then round_times_of(c) else c end;
end $$;

-- The texts as the public may read them, where that differs.
create function mask_new(inout c wall.complaint, reading jsonb) language plpgsql as $$
begin
    c.masked_title := reading->'masked'->>'title';
    c.masked_text := reading->'masked'->>'text';
    c.masked_place := reading->'masked'->>'place';
end $$;

-- The emergency path by rule: a matter of safety whose words say that somebody may come to harm.
create function hurry_new(inout c wall.complaint, p wall.policy) language plpgsql as $$
begin
    if c.category = 'safety' then
        c.urgent := exists (select from unnest(p.urgent_words) as word where strpos(concat_ws(' ', c.title, c.text), word) > 0);
    end if;
end $$;

-- Public or private, and published at once, with the first public reply, or only after somebody has looked.
create function expose_new(inout c wall.complaint, wanted text, p wall.policy) language plpgsql as $$
begin
    c.visibility := coalesce(wanted, (select visibility from wall.category where community = c.community and code = c.category), 'public');
    c := expose(c, c.submitted, case when c.visibility = 'public' and p.publication = 'at_once' and not reviewed_first(c, p)
        then 'published' else 'pending' end, p);
end $$;

-- The event, the holding and the deadlines it begins with. The row itself is stored when the complaint has come to where it goes: once.
create function begin_new(inout c wall.complaint, who caller, commitment bytea, p wall.policy) language plpgsql as $$
declare
    seq bigint := nextval('wall.event_seq');
begin
    c := write_event(c, seq, 'submit', case when who.role in ('dispatcher', 'key') then who.role else 'reporter' end,
                     case when who.role = 'dispatcher' then who.actor end,
                     jsonb_build_object('receipt', encode(commitment, 'hex'), 'category', c.category, 'visibility', c.visibility, 'publication', c.publication),
                     concat_ws(E'\n', c.title, c.text));
    perform begin_holding(c, c.last, seq, c.department, 'lead');
    perform open_deadlines(c, c.last, '{reply,dispatch,resolve}', '{}', p);
end $$;

-- To the department that a rule or its category names, unless a person has to look first. Then it is stored.
create function route_new(inout c wall.complaint, reading jsonb) language plpgsql as $$
declare
    way jsonb := way_of(c, reading);
begin
    if way is null then
        perform tell(c, c.last, 'submit', 'dispatchers');
    else
        c := move(c, c.last, 'assign', 'system', null, jsonb_build_object('department', way->'department'), way);
    end if;
    c.entry := entry_json(c);
    insert into wall.complaint values (c.*);
end $$;

create function submit(of_community text, who caller, input jsonb, new_id uuid, sealed bytea, phone_hash bytea, receipt_hash bytea, receipt_nonce bytea,
                       commitment bytea, scope bytea, body_hash bytea, reading jsonb default '{}', out body text, out version integer, out location text)
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    home wall.community;
    p wall.policy;
    c wall.complaint;
    at timestamptz;
    identity text := identity_of(who, input, sealed);
    earlier uuid;
begin
    perform pg_advisory_xact_lock_shared(community_lock(of_community));
    select * into home from wall.community h where h.community = of_community;
    if home.community is null then
        perform refuse('not_found');
    end if;
    -- A receipt made from an Idempotency-Key is the same whenever it is made, also after the key was forgotten.
    select r.complaint into earlier from wall.receipt r where r.community = of_community and r.hash = receipt_hash;
    earlier := coalesce(earlier, made_before(of_community, scope, body_hash, new_id));
    if earlier is null then
        perform check_proof(of_community, who, reading->'proof');
        perform check_place(of_community, input);
        at := greatest(wall_now(), home.settled_until + interval '1 microsecond');
        p := policy_at(of_community, at);
        c := new_complaint(home, who, input, new_id, identity, at, p);
        perform leave_out(of_community, array[new_id], at);
        c := mask_new(c, reading);
        c := expose_new(hurry_new(classify_new(c, reading, p), p), input->>'visibility', p);
        c := route_new(begin_new(c, who, commitment, p), reading);
        perform begin_drawer(c);
        perform file_text(c.community, c.complaint, c.submitted, reading);
        insert into wall.receipt values (of_community, receipt_hash, new_id, receipt_nonce);
        perform note_likeness(c, reading);
        if identity <> 'anonymous' then
            insert into wall.complaint_identity values (of_community, new_id, case when who.role = 'resident' then who.actor end, sealed, phone_hash);
        end if;
    else
        select * into c from wall.complaint x where x.community = of_community and x.complaint = earlier;
    end if;
    who := row(null, 'receipt', null, c.complaint, null)::caller;
    body := complaint_json(c, who, relations(c, who));
    version := c.version;
    location := '/v1/complaints/' || c.complaint;
end $$;
