-- Me too: who else is concerned by a published complaint, hears of its replies, rates it, and is counted.
-- A supporter is known by a session, or by a receipt that shows what everybody sees.

-- The support that this caller gives the complaint now. Null: none.
create function support_of(c wall.complaint, who caller) returns uuid language plpgsql stable as $$
begin
    if who.role = 'resident' then
        return (select s.support from wall.support s
                where s.community = c.community and s.resident = who.actor and s.complaint = c.complaint and s.ended is null);
    end if;
    if who.role = 'receipt' then
        return (select s.support from wall.support s
                where s.community = c.community and s.complaint = c.complaint and s.support = who.actor and s.ended is null);
    end if;
    return null;
end $$;

-- More than what everybody sees is for those inside the case: supporters are not.
create function is_inside(relations text[]) returns boolean language sql immutable as $$
    select not relations <@ '{public,supporter,volunteer,claimant}'
$$;

-- What was told to the reporter of a published complaint, its supporters hear as well, but for the words between reporter and department
-- and for what concerns him alone.
create function tell_supporters(c wall.complaint, at timestamptz, event text, payload jsonb) returns void language plpgsql as $$
begin
    if c.supporters = 0 or event in ('messages', 'reveal') or c.publication <> 'published' or c.visibility <> 'public' then
        return;
    end if;
    insert into wall.outbox (community, at, channel, event, audience, complaint, department, payload, sealed, sealed_for, resident, phone_hash, due)
    select c.community, at, 'file', event, 'supporter', c.complaint, c.department, payload, r.sealed, r.resident::text, r.resident, r.phone_hash, at
    from wall.support s join wall.resident r using (community, resident)
    where s.community = c.community and s.complaint = c.complaint and s.ended is null
      and (r.sealed is not null or exists (select from wall.hook h where h.community = r.community and h.resident = r.resident));
end $$;

-- Given for the first time, or again.
create function give_support(inout c wall.complaint, inout who caller, at timestamptz, new_support uuid, receipt_hash bytea, receipt_nonce bytea,
                             commitment bytea) language plpgsql as $$
declare
    given wall.support;
begin
    update wall.support s set ended = null
    where s.community = c.community and s.complaint = c.complaint
      and (who.role = 'resident' and s.resident = who.actor or who.role = 'receipt' and s.support = who.actor)
    returning * into given;
    if given.support is null then
        given.support := new_support;
        insert into wall.support
        values (c.community, c.complaint, new_support, at, null, case when who.role = 'resident' then who.actor end);
    end if;
    if who.role = 'public' then
        insert into wall.receipt values (c.community, receipt_hash, c.complaint, receipt_nonce, given.support);
        who := row(given.support, 'receipt', null, c.complaint, null)::caller;
    end if;
    c := move(c, at, 'support', 'supporter', null, '{}', jsonb_strip_nulls(jsonb_build_object(
        'support', given.support, 'receipt', encode(commitment, 'hex'))));
end $$;

-- Given, or given already: of a resident there is one, of a receipt the one it was shown for, and a repeat of an anonymous request finds its receipt.
create function support(of_community text, of_complaint uuid, who caller, of_version integer, of_mark text, key bytea, new_support uuid, receipt_hash bytea,
                        receipt_nonce bytea, commitment bytea, reading jsonb, out body text, out version integer)
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    taken record;
    c wall.complaint;
    known wall.receipt;
    given record;
begin
    select * into taken from take_up(of_community, of_complaint, null);
    c := taken.c;
    select * into known from wall.receipt r where r.community = of_community and r.hash = receipt_hash;
    if known.complaint is not null then
        who := row(known.support, 'receipt', null, known.complaint, null)::caller;
    end if;
    if relations(c, who) = '{}' then             -- not there, or hidden since: also from who supports it already
        perform refuse('not_found');
    end if;
    if 'reporter' = any(relations(c, who)) then
        perform refuse('own_complaint');
    end if;
    if support_of(c, who) is null then
        perform may(c, taken.at, 'support', who, of_version);
        perform check_proof(of_community, who, reading->'proof');
        select * into given from give_support(c, who, taken.at, new_support, receipt_hash, receipt_nonce, commitment);
        c := given.c;
        who := given.who;
        perform count_avoided(c, taken.at, of_mark, key, 'supported');
    end if;
    body := complaint_json(c, who, relations(c, who));
    version := c.version;
end $$;

create function withdraw_support(of_community text, of_complaint uuid, who caller, of_version integer, out body text, out version integer)
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    taken record;
    c wall.complaint;
    given uuid;
begin
    select * into taken from take_up(of_community, of_complaint, null);
    c := taken.c;
    given := support_of(c, who);
    if given is not null or relations(c, who) = '{}' then
        perform may(c, taken.at, 'unsupport', who, of_version);
        update wall.support s set ended = taken.at where s.community = c.community and s.complaint = c.complaint and s.support = given;
        c := move(c, taken.at, 'unsupport', 'supporter', null, '{}', jsonb_build_object('support', given));
    end if;
    body := complaint_json(c, who, relations(c, who));
    version := c.version;
end $$;

-- What a suggestion bears, so that only who was shown a complaint can say that it spared another one: its day, what the text came to, and a keyed hash
-- of both with the complaint. The same text on the same day bears the same.
create function suggestion_mark(of_complaint uuid, day date, essence bytea, key bytea) returns text language sql immutable as $$
    select encode(told || substr(sha256(key || uuid_send(of_complaint) || told), 1, 12), 'hex')
    from (select int4send(day - date '2000-01-01') || substr(essence, 1, 8) as told) as t
$$;

-- A complaint was not filed again. Marks hold for the day they were made and the next one; each counts once.
create function count_avoided(c wall.complaint, at timestamptz, of_mark text, key bytea, kind text) returns void language plpgsql as $$
declare
    today date := (at at time zone 'UTC')::date;
    shown bytea;
begin
    if of_mark is null then
        return;
    end if;
    shown := case when of_mark ~ '^[0-9a-f]{48}$' then decode(of_mark, 'hex') end;
    if shown is null or of_mark not in (suggestion_mark(c.complaint, today, substr(shown, 5, 8), key),
                                       suggestion_mark(c.complaint, today - 1, substr(shown, 5, 8), key)) then
        perform refuse_field('/suggestion', 'is not what a suggestion of this complaint bore yesterday or today');
    end if;
    perform pg_advisory_xact_lock_shared(community_lock(c.community));
    perform leave_out(c.community, array[c.complaint], at);
    insert into wall.repeat_avoided values (c.community, c.complaint, shown, kind, at) on conflict (community, mark) do nothing;
end $$;

-- Somebody found the answer in what was suggested.
create function answered_already(of_community text, of_complaint uuid, who caller, of_mark text, key bytea, out body text)
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    c wall.complaint;
begin
    select * into c from wall.complaint x
    where x.community = of_community and x.complaint = of_complaint and x.publication = 'published' and x.visibility = 'public';
    if c.complaint is null then
        perform refuse('not_found');
    end if;
    if c.first_reply is null then
        perform refuse('not_allowed_now', jsonb_build_object('allowed', actions_of(c, wall_now(), who, relations(c, who))));
    end if;
    perform count_avoided(c, wall_now(), of_mark, key, 'answered');
end $$;

-- What a resident supports, newest first: ids are ordered by time.
create function list_supported(of_community text, of_resident uuid, size integer, after_key text, after_id uuid) returns page language plpgsql stable as $$
begin
    return (select page_of(array_agg(complaint::text), array_agg(complaint), array_agg(entry), size) from (
        select s.complaint, c.entry from wall.support s join wall.complaint c using (community, complaint)
        where s.community = of_community and s.resident = of_resident and s.ended is null
          and c.publication = 'published' and c.visibility = 'public'
          and s.complaint < coalesce(after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
        order by s.complaint desc limit size + 1) as newest);
end $$;
