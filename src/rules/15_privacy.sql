-- Who is known, to whom and for how long. A reporter may become more private, never less; whoever is to be known gets there only with a reason
-- and a second person; and in the end everybody is forgotten, while the record of what was done stays and still verifies.

-- What stands where a text was erased.
create function erased_text() returns text language sql immutable as $$
    select '（内容已应诉求人要求删除 / erased at the reporter''s request）'
$$;

-- It is forgotten who filed a complaint: the only way identity goes. What waited to be sent to the reporter goes with it.
create function erase_identity(of_community text, of_complaint uuid, why text) returns void
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
begin
    delete from wall.complaint_identity where community = of_community and complaint = of_complaint;
    if found then
        delete from wall.outbox where community = of_community and complaint = of_complaint and audience = 'reporter' and sent is null;
        delete from wall.delivery where community = of_community and complaint = of_complaint and audience = 'reporter';
        insert into wall.retention_run values (of_community, gen_random_uuid(), wall_now(), why, of_complaint);
    end if;
end $$;

create function how_private(identity text) returns integer language sql immutable as $$
    select array_position('{named,masked,anonymous}', identity)
$$;

create function refuse_less(pointer text, less boolean) returns void language plpgsql as $$
begin
    if less then
        perform refuse_field(pointer, 'is less private than it is now', 'less_private');
    end if;
end $$;

-- What is sought, compared and clustered bears the moment of submission as well.
create function round_times_beside(c wall.complaint) returns void language plpgsql as $$
begin
    perform read_again(c.community, c.complaint);
    update wall.likeness_new x set submitted = c.submitted where x.community = c.community and x.complaint = c.complaint;
    update wall.likeness x set submitted = c.submitted where x.community = c.community and x.complaint = c.complaint;
    update wall.cluster_member x set submitted = c.submitted, since = shown_at(c, x.since) where x.community = c.community and x.complaint = c.complaint;
end $$;

-- The reporter becomes more private. Anonymous: nothing leads to him any more, and only the receipt opens it.
create function become_private(inout c wall.complaint, at timestamptz, input jsonb) language plpgsql as $$
declare
    wanted wall.complaint := jsonb_populate_record(c, input);
    changes jsonb;
begin
    perform refuse_less('/identity', how_private(wanted.identity) < how_private(c.identity)),
            refuse_less('/visibility', wanted.visibility = 'public' and c.visibility = 'private'),
            refuse_less('/round_times', c.round_times and not wanted.round_times);
    select jsonb_object_agg(key, value) into changes from jsonb_each(input) where value <> to_jsonb(c)->key;
    if changes is null then
        return;
    end if;
    c.identity := wanted.identity;
    c.alias := case when c.identity = 'masked' then alias_of(c.number) else c.alias end;
    if c.visibility <> wanted.visibility then
        c.visibility := wanted.visibility;
        c := expose(c, at, c.publication);
    end if;
    if wanted.round_times and not c.round_times then
        perform leave_out(c.community, array(select linked_with(c.community, null, c.complaint, '1 hour')), '-infinity');
        c := round_times_of(c);
        perform round_times_beside(c);
    end if;
    if c.identity = 'anonymous' then
        perform erase_identity(c.community, c.complaint, 'became_anonymous');
    end if;
    c := move(c, at, 'privacy', 'reporter', null, '{}', changes);
end $$;

-- Reveals

create function reveal_json(r wall.reveal) returns json language plpgsql stable as $$
begin
    return (select json_build_object(
        'id', r.reveal, 'complaint', r.complaint, 'number', c.number, 'reason', r.reason, 'requested', instant(r.requested),
        'requester', json_build_object('id', q.staff, 'name', q.name), 'approved', instant(a.approved),
        'approver', case when p.staff is not null then json_build_object('id', p.staff, 'name', p.name) end, 'until', instant(a.until))
        from wall.complaint c join wall.staff q on q.community = r.community and q.staff = r.requester
        left join wall.reveal_approval a on a.community = r.community and a.reveal = r.reveal
        left join wall.staff p on p.community = a.community and p.staff = a.approver
        where c.community = r.community and c.complaint = r.complaint);
end $$;

-- Somebody of the working group wants to know who a reporter is; a supervisor has to agree.
create function request_reveal(of_community text, who caller, new_id uuid, input jsonb, scope bytea, body_hash bytea, out body json, out location text)
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    c wall.complaint;
    r wall.reveal;
    earlier uuid := made_before(of_community, scope, body_hash, new_id);
begin
    if earlier is null then
        select * into c from wall.complaint x where x.community = of_community and x.complaint = (input->>'complaint')::uuid;
        if c.complaint is null then
            perform refuse_field('/complaint', 'there is no such complaint');
        end if;
        perform from wall.complaint_identity i where i.community = of_community and i.complaint = c.complaint;
        if not found then
            perform refuse('nothing_to_reveal');
        end if;
        insert into wall.reveal values (of_community, new_id, c.complaint, wall_now(), who.actor, input->>'reason');
        perform record_audit(of_community, who, 'request_reveal', c.complaint, jsonb_build_object('reveal', new_id, 'reason', input->>'reason'));
        perform tell(c, wall_now(), 'reveal_requested', 'supervisor', jsonb_build_object('reveal', new_id));
    end if;
    select * into r from wall.reveal x where x.community = of_community and x.reveal = coalesce(earlier, new_id);
    body := reveal_json(r);
    location := '/v1/identity-reveals/' || r.reveal;
end $$;

-- The second person. The reporter is told, by the outbox and in the history of the complaint.
create function approve_reveal(of_community text, who caller, of_reveal uuid) returns json
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    r wall.reveal;
    taken record;
    p wall.policy;
begin
    select * into r from wall.reveal x where x.community = of_community and x.reveal = of_reveal;
    if r.reveal is null then
        perform refuse('not_found');
    end if;
    if r.requester = who.actor then
        perform refuse('needs_second_person');
    end if;
    select * into taken from take_up(of_community, r.complaint, null);
    perform from wall.reveal_approval a where a.community = of_community and a.reveal = of_reveal;
    if found then
        perform refuse('already_approved');
    end if;
    perform from wall.complaint_identity i where i.community = of_community and i.complaint = r.complaint;
    if not found then
        perform refuse('nothing_to_reveal');
    end if;
    p := policy_of(of_community, (taken.c).policy);
    insert into wall.reveal_approval values (of_community, of_reveal, taken.at, who.actor, taken.at + p.reveal);
    perform record_audit(of_community, who, 'approve_reveal', r.complaint, jsonb_build_object('reveal', of_reveal));
    perform move(taken.c, taken.at, 'reveal', who.role, who.actor, '{}', jsonb_build_object('reveal', of_reveal, 'until', instant(taken.at + p.reveal)), r.reason);
    return reveal_json(r);
end $$;

-- A reveal as its requester or a supervisor sees it; what it reveals is the requester's alone, while it lasts, and each look is noted.
create function show_reveal(of_community text, who caller, of_reveal uuid)
returns table (body json, sealed bytea, sealed_for text) language plpgsql as $$
declare
    r wall.reveal;
begin
    select * into r from wall.reveal x where x.community = of_community and x.reveal = of_reveal and (who.role = 'supervisor' or x.requester = who.actor);
    if r.reveal is null then
        return;
    end if;
    select k.sealed, k.sealed_for into sealed, sealed_for
    from wall.reveal_approval a join wall.complaint c on c.community = a.community and c.complaint = r.complaint, contact_of(c, '{reporter}') k
    where a.community = of_community and a.reveal = of_reveal and r.requester = who.actor and a.until >= wall_now();
    if sealed is not null then
        perform record_audit(of_community, who, 'see_contact', r.complaint, jsonb_build_object('reveal', of_reveal));
    end if;
    body := reveal_json(r);
    return next;
end $$;

-- Newest first; a dispatcher's own, a supervisor's all.
create function list_reveals(of_community text, who caller, size integer, after_key text, after_id uuid) returns page language plpgsql stable as $$
begin
    return (select page_of(array_agg(reveal::text), array_agg(reveal), array_agg(reveal_json(newest)::text), size) from (
        select * from wall.reveal x
        where x.community = of_community and (who.role = 'supervisor' or x.requester = who.actor)
          and x.reveal < coalesce(after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
        order by x.reveal desc limit size + 1) as newest);
end $$;

-- Forgetting

-- The complaint under this version that was closed first, if before this moment: a merged one waits for its master.
create function closed_before(k wall.policy, moment timestamptz) returns wall.complaint language plpgsql stable as $$
declare
    c wall.complaint;
begin
    select * into c from wall.complaint x
    where x.community = k.community and x.policy = k.version and x.closed < moment and x.closed is not null and x.identity <> 'anonymous'
      and (x.master is null or exists (
        select from wall.complaint m where m.community = x.community and m.complaint = x.master and is_final(m.status)))
    order by x.closed limit 1;
    return c;
end $$;

-- One complaint that was closed so long ago that nobody needs to know who filed it, or the voices of one survey; one a transaction, so that no
-- two wait for each other. Nobody is known for longer than the policy said when he filed, and what is shortened is shortened for all.
create function retain(out forgotten integer) language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    moment timestamptz := wall_now();
    old record;
    taken record;
begin
    forgotten := 0;
    select c.community, c.complaint into old
    from wall.community h cross join lateral policy_at(h.community, moment) p
    join wall.policy k on k.community = h.community
    cross join lateral closed_before(k, moment - least(p.retention, k.retention)) c
    where c.complaint is not null order by c.closed limit 1;
    if old.complaint is null then
        forgotten := forget_survey();
        return;
    end if;
    select * into taken from take_up(old.community, old.complaint, null);
    if (taken.c).closed is not null and (taken.c).identity <> 'anonymous' then
        perform forget_reporter(taken.c, taken.at, 'retention');
        forgotten := 1;
    end if;
end $$;

create function forget_reporter(inout c wall.complaint, at timestamptz, why text) language plpgsql as $$
begin
    perform erase_identity(c.community, c.complaint, why);
    c.identity := 'anonymous';
    c := move(c, at, 'anonymise', 'system');
end $$;

-- The words that a resident has written, and what others wrote down of what he said; public answers stay. The chain of events still verifies.
create function erase_words(c wall.complaint) returns void language plpgsql as $$
begin
    update wall.complaint x set title = null, text = erased_text(), masked_title = null, masked_text = null, masked_place = null, place = null,
        latitude = null, longitude = null
    where x.community = c.community and x.complaint = c.complaint;
    perform read_again(c.community, c.complaint);
    update wall.message x set text = erased_text() where x.community = c.community and x.complaint = c.complaint and x.author_kind = 'reporter';
    update wall.reply x set private_text = erased_text() where x.community = c.community and x.complaint = c.complaint and x.private_text is not null;
    update wall.rating x set comment = null where x.community = c.community and x.complaint = c.complaint and x.support is null and x.comment is not null;
    update wall.followup x set comment = null where x.community = c.community and x.complaint = c.complaint and x.comment is not null;
    update wall.note x set text = erased_text() where x.community = c.community and x.complaint = c.complaint;
    update wall.supervision_act a set text = null
    from wall.supervision s where s.community = c.community and s.complaint = c.complaint and a.community = s.community and a.supervision = s.supervision
        and a.text is not null;
    update wall.supervision s set text = erased_text() where s.community = c.community and s.complaint = c.complaint and s.rule = 'by_hand';
    update wall.classification x set because = null where x.community = c.community and x.complaint = c.complaint and x.because is not null;
    delete from wall.event_text x where x.community = c.community and x.complaint = c.complaint;
    perform erase_pictures(c.community, c.complaint), forget_about(c), read_again(c.community, c.complaint);
    delete from wall.receipt x where x.community = c.community and x.complaint = c.complaint and x.support is null;
end $$;

-- A complaint of a resident who wants to be forgotten: withdrawn if it is still open, private, without words, and counted as before.
create function erase_complaint(of_community text, of_complaint uuid) returns void language plpgsql as $$
declare
    taken record;
    c wall.complaint;
begin
    select * into taken from take_up(of_community, of_complaint, null);
    c := taken.c;
    if not is_final(c.status) then
        c := move(c, taken.at, 'withdraw', 'reporter');
    end if;
    perform erase_words(c);
    perform erase_identity(of_community, of_complaint, 'resident');
    select x.title, x.text, x.masked_title, x.masked_text, x.masked_place, x.place, x.latitude, x.longitude
    into c.title, c.text, c.masked_title, c.masked_text, c.masked_place, c.place, c.latitude, c.longitude
    from wall.complaint x where x.community = of_community and x.complaint = of_complaint;
    c.identity := 'anonymous';
    c.alias := null;
    c.visibility := 'private';
    c := expose(c, taken.at, c.publication);
    perform move(c, taken.at, 'erase', 'reporter');
end $$;

-- A resident is forgotten: what he filed under his name loses name and words; where somebody else gave his phone, that contact goes; then he
-- himself. What he supports he supports without a name. To what he filed anonymously nothing leads.
create function erase_resident(of_community text, who caller, survey_key bytea) returns void
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    of_phone bytea := (select phone_hash from wall.resident r where r.community = of_community and r.resident = who.actor);
    one uuid;
    taken record;
begin
    for one in select complaint from wall.complaint_identity i where i.community = of_community and i.resident = who.actor order by complaint loop
        perform erase_complaint(of_community, one);
    end loop;
    for one in select complaint from wall.complaint_identity i where i.community = of_community and i.phone_hash = of_phone order by complaint loop
        select * into taken from take_up(of_community, one, null);
        perform forget_reporter(taken.c, taken.at, 'resident');
    end loop;
    update wall.rating r set comment = null
    from wall.support s where s.community = of_community and s.resident = who.actor and r.community = s.community and r.complaint = s.complaint
        and r.support = s.support and r.comment is not null;
    update wall.support s set resident = null where s.community = of_community and s.resident = who.actor;
    perform forget_volunteer(of_community, who.actor), forget_panel(of_community, who.actor), forget_voices(of_community, who.actor, survey_key);
    delete from wall.outbox where community = of_community and sealed_for = who.actor::text and sealed is not null;
    delete from wall.hook where community = of_community and phone_hash = of_phone;
    delete from wall.code where community = of_community and phone_hash = of_phone;
    delete from wall.resident where community = of_community and resident = who.actor;
    insert into wall.retention_run values (of_community, gen_random_uuid(), wall_now(), 'resident', who.actor);
    perform record_audit(of_community, who, 'erase_resident', who.actor, '{}');
    perform pg_notify('caller', '');
end $$;

-- Everything that is held about a resident; the sealed contacts are opened by C, by the id of what they belong to.
create function export_resident(of_community text, who caller, beyond_reach text[], survey_key bytea)
    returns table (body text, sealed bytea, sealed_for text, contacts json) language plpgsql as $$
begin
    perform record_audit(of_community, who, 'export_resident', who.actor, '{}');
    return query
        select left(row_to_json(x)::text, -1) || ',"complaints":' || (
                   select json_list(string_agg(left(complaint_json(c, who, '{reporter}'), -1) || ',"events":' || events_held(c) || '}', ',' order by c.complaint))
                   from wall.complaint_identity i join wall.complaint c using (community, complaint)
                   where i.community = of_community and i.resident = who.actor) || '}',
               r.sealed, r.resident::text,
               (select json_object_agg(i.complaint, i.sealed) from wall.complaint_identity i
                where i.community = of_community and i.resident = who.actor and i.sealed is not null)
        from wall.resident r cross join lateral (
            select r.resident as id, r.external_id, r.building, instant(r.created) as created, instant(wall_now()) as exported,
                   (select coalesce(json_agg(json_build_object('created', instant(s.created), 'expires', instant(s.expires)) order by s.created), '[]')
                    from wall.session s where s.community = r.community and s.resident = r.resident) as sessions,
                   (select coalesce(json_agg(channel_json(h, beyond_reach) order by h.created, h.hook), '[]') from wall.hook h
                    where h.community = r.community and (h.resident = r.resident or h.phone_hash = r.phone_hash)) as channels,
                   (select coalesce(json_agg(json_build_object('number', c.number, 'began', instant(s.began), 'ended', instant(s.ended)) order by s.began), '[]')
                    from wall.support s join wall.complaint c using (community, complaint)
                    where s.community = r.community and s.resident = r.resident) as supported,
                   volunteers_held(r.community, r.resident) as volunteers, panel_held(r.community, r.resident) as panel, surveys_held(r.community, r.resident, survey_key) as surveys,
                   (select coalesce(json_agg(json_build_object('number', c.number, 'submitted', instant(c.submitted)) order by c.number), '[]')
                    from wall.complaint_identity i join wall.complaint c using (community, complaint)
                    where i.community = r.community and i.phone_hash = r.phone_hash) as filed_with_this_phone) as x
        where r.community = of_community and r.resident = who.actor;
end $$;

create function events_held(c wall.complaint) returns text language plpgsql stable as $$
begin
    return (select json_list(string_agg(json_build_object('at', instant(e.at), 'action', e.action, 'by', e.actor_kind, 'status', e.status,
                                                          'data', e.data)::text, ',' order by e.seq))
            from wall.event e where e.community = c.community and e.complaint = c.complaint and e.action <> 'notes');
end $$;

-- Who did what to people and their data, newest first.
create function list_audit(of_community text, of_action text, of_actor uuid, size integer, after_key text) returns page language plpgsql stable as $$
begin
    return (select page_of(array_agg(audit::text), array_agg(lpad(audit::text, 32, '0')::uuid), array_agg(entry), size) from (
        select x.audit, json_build_object('id', x.audit::text, 'at', instant(x.at), 'actor', x.actor, 'actor_kind', x.actor_kind,
                                          'name', s.name, 'action', x.action, 'subject', x.subject, 'data', x.data)::text as entry
        from wall.audit x left join wall.staff s on s.community = x.community and s.staff = x.actor
        where x.community = of_community and (of_action is null or x.action = of_action) and (of_actor is null or x.actor = of_actor)
          and (after_key is null or x.audit < after_key::bigint)
        order by x.audit desc limit size + 1) as newest);
end $$;
