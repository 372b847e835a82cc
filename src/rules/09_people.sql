-- Communities, departments and staff: how they begin, and the rule that a department has one or two officers, never none while it matters.

create function found_community(of_community text, name text, name_en text, zone text, office uuid) returns void language plpgsql as $$
declare
    at timestamptz := wall_now();
begin
    perform at at time zone zone;                -- fails here for a zone that does not exist
    execute format('create sequence wall.%I', 'number_' || of_community);
    insert into wall.community (community, name, name_en, time_zone, created) values (of_community, name, name_en, zone, at);
    insert into wall.policy (community, version, begins) values (of_community, 1, '-infinity');
    insert into wall.department values (of_community, office, 'dispatch', '调度中心', 'Dispatch office', true, at);
    insert into wall.category (community, code, name, name_en, visibility, routed, days, position)
    select of_community, code, zh, en, case code when 'staff' then 'private' else 'public' end, code <> 'staff', days, position
    from (values
        ('environment', '环境治理', 'Environment', 10, 1), ('safety', '安全治理', 'Safety', 5, 2), ('neighbours', '邻里关系', 'Neighbours', 15, 3),
        ('fees', '费用缴纳', 'Fees', 10, 4), ('logistics', '后勤保障', 'Maintenance', 10, 5), ('activities', '社区活动', 'Activities', 15, 6),
        ('medical', '医疗服务', 'Medical care', 10, 7), ('education', '教育保障', 'Education', 15, 8), ('elderly', '养老服务', 'Care for the elderly', 10, 9),
        ('commerce', '商业服务', 'Shops and services', 15, 10), ('staff', '人员投诉', 'Complaints about staff', 15, 11), ('other', '其它', 'Other', 15, 12)
    ) as k (code, zh, en, days, position);
    insert into wall.lexicon select of_community, w.word, w.category, w.weight from common_word w;
end $$;

-- First start: the community and its admin. False: they are there already.
create function first_start(of_community text, zone text, staff uuid, login text, password_hash text, office uuid) returns boolean
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
begin
    perform continue_stream();
    perform pg_advisory_xact_lock(community_lock(of_community));
    if exists (select from wall.community c where c.community = of_community) then
        return false;
    end if;
    perform found_community(of_community, '社区', 'Community', zone, office);
    insert into wall.staff values (of_community, staff, login, password_hash, login, 'admin', null, null, true, wall_now());
    return true;
end $$;

create function record_audit(of_community text, who caller, action text, subject uuid, data jsonb) returns void language sql as $$
    insert into wall.audit (community, at, actor, actor_kind, action, subject, data) values (of_community, wall_now(), who.actor, who.role, action, subject, data)
$$;

create function staff_json(s wall.staff) returns json language sql stable as $$
    select json_build_object('id', s.staff, 'login', s.login, 'name', s.name, 'role', s.role, 'department', s.department, 'active', s.active,
                             'created', instant(s.created))
$$;

-- The free one of the two seats of a department; the third officer finds seat 2 taken (too_many_officers).
create function free_seat(of_community text, of_department uuid) returns smallint language sql stable as $$
    select case when exists (select from wall.staff s where s.community = of_community and s.department = of_department and s.seat = 1)
                then 2 else 1 end::smallint
$$;

create function know_staff_department(of_community text, of_role text, of_department uuid) returns void language plpgsql as $$
begin
    perform from wall.department d where d.community = of_community and d.department = of_department and d.active;
    if not found and of_department is not null then
        perform refuse_field('/department', 'there is no such department', 'unknown_department');
    end if;
    if of_role = 'officer' and of_department is null then
        perform refuse_field('/department', 'is required for an officer');
    end if;
    if of_role = 'officer' and of_department = dispatch_office(of_community) then
        perform refuse_field('/department', 'the dispatch office is served by dispatchers');
    end if;
end $$;

create function hire(of_community text, who caller, new_id uuid, password_hash text, input jsonb, scope bytea, body_hash bytea, out body json, out location text)
language plpgsql as $$
declare
    s wall.staff;
    earlier uuid := made_before(of_community, scope, body_hash, new_id);
    target uuid := (input->>'department')::uuid;
begin
    if earlier is null then
        perform know_staff_department(of_community, input->>'role', target);
        insert into wall.staff values (of_community, new_id, input->>'login', password_hash, input->>'name', input->>'role', target,
                                       case when input->>'role' = 'officer' then free_seat(of_community, target) end, true, wall_now());
        perform record_audit(of_community, who, 'hire', new_id, input - 'name');
    end if;
    select * into s from wall.staff x where x.community = of_community and x.staff = coalesce(earlier, new_id);
    body := staff_json(s);
    location := '/v1/staff/' || s.staff;
end $$;

-- The last officer of a department leaves only for a successor, who takes his seat and with it what is open.
create function replace_officer(s wall.staff, successor uuid) returns void language plpgsql as $$
declare
    heir wall.staff;
begin
    if exists (select from wall.staff x where x.community = s.community and x.department = s.department and x.seat is not null and x.staff <> s.staff) then
        return;
    end if;
    if successor is null then
        perform refuse('needs_successor');
    end if;
    select * into heir from wall.staff x where x.community = s.community and x.staff = successor and x.active for update;
    if heir.staff is null or heir.staff = s.staff then
        perform refuse_field('/successor', 'is no other active member of staff');
    end if;
    if heir.role <> 'officer' then
        perform refuse_field('/successor', 'is not an officer');
    end if;
    perform from wall.staff x where x.community = heir.community and x.department = heir.department and x.seat is not null and x.staff <> heir.staff;
    if not found then
        perform refuse_field('/successor', 'is the last officer of another department');
    end if;
    update wall.staff set department = s.department, seat = s.seat where community = s.community and staff = heir.staff;
end $$;

create function change_staff(of_community text, who caller, of_staff uuid, input jsonb, password_hash text) returns json language plpgsql as $$
declare
    s wall.staff;
    stays boolean;
begin
    -- Whoever counts the officers of departments does so alone.
    perform pg_advisory_xact_lock(community_lock('staff of ' || of_community));
    select * into s from wall.staff x where x.community = of_community and x.staff = of_staff for update;
    if s.staff is null then
        perform refuse('not_found');
    end if;
    stays := coalesce((input->>'active')::boolean, s.active);
    if s.seat is not null and not stays then
        update wall.staff set active = false, seat = null where community = of_community and staff = of_staff;
        perform replace_officer(s, (input->>'successor')::uuid);
    end if;
    update wall.staff x set active = stays, name = coalesce(input->>'name', x.name), password = coalesce(password_hash, x.password),
        seat = case when x.role = 'officer' and stays then coalesce(x.seat, free_seat(of_community, x.department)) end
    where x.community = of_community and x.staff = of_staff returning * into s;
    if not stays then
        perform pass_on_supervision(of_community, of_staff, (input->>'successor')::uuid, who);
    end if;
    if not stays or password_hash is not null then
        delete from wall.session x where x.community = of_community and x.staff = of_staff;
        perform pg_notify('caller', '');
    end if;
    perform record_audit(of_community, who, 'change_staff', of_staff, (input - 'name')
                         || case when password_hash is null then '{}' else '{"password": "changed"}' end::jsonb);
    return staff_json(s);
end $$;

-- A sign-in that failed. The audit hears of the first, second, fourth, eighth ... of an hour: how many there were, and never what was typed, which
-- may be a password in the wrong field. A login that nobody has costs the same writing, so that the time an answer takes tells nothing.
create function note_failed_sign_in(of_community text, who caller, of_login text) returns void language plpgsql as $$
declare
    s wall.staff;
    counted integer;
    now timestamptz := wall_now();
begin
    select * into s from wall.staff x where x.community = of_community and x.login = of_login;
    insert into wall.failed_sign_in as f values (of_community, s.staff, now, 1)
    on conflict (community, staff) do update set began = case when f.began > now - interval '1 hour' then f.began else now end,
        tries = case when f.began > now - interval '1 hour' then f.tries + 1 else 1 end
    returning tries into counted;
    if counted & (counted - 1) = 0 then
        perform record_audit(of_community, who, 'sign_in_failed', s.staff, jsonb_build_object('tries', counted, 'reason',
            case when s.staff is null then 'unknown_login' when s.active then 'wrong_password' else 'not_active' end));
    end if;
end $$;

-- A code that was sent to a phone signs its owner in, once; five wrong ones and it is worthless.
create function resident_sign_in(of_community text, of_phone bytea, of_code bytea, sealed_phone bytea, new_id uuid, token_hash bytea) returns json
language plpgsql as $$
declare
    known wall.code;
    person uuid;
    now timestamptz := wall_now();
begin
    update wall.code k set tries = tries + 1 where k.community = of_community and k.phone_hash = of_phone and k.expires > now and k.tries < 5
    returning * into known;
    if known.hash is distinct from of_code then
        return null;
    end if;
    delete from wall.code k where k.community = of_community and k.phone_hash = of_phone;
    insert into wall.resident (community, resident, phone_hash, sealed, created) values (of_community, new_id, of_phone, sealed_phone, now)
    on conflict (community, phone_hash) do nothing;
    select resident into person from wall.resident r where r.community = of_community and r.phone_hash = of_phone;
    insert into wall.session values (of_community, token_hash, null, person, now, now + interval '30 days');
    return json_build_object('expires', instant(now + interval '30 days'), 'who', json_build_object('id', person, 'role', 'resident'));
end $$;

-- A trusted front end's resident: known by its external id, or by the phone, or new.
create function assert_resident(of_community text, given jsonb, phone bytea, sealed bytea, new_id uuid, token_hash bytea) returns json language plpgsql as $$
declare
    person uuid;
    now timestamptz := wall_now();
begin
    select resident into person from wall.resident r where r.community = of_community and r.external_id = given->>'external_id';
    if person is null then
        insert into wall.resident values (of_community, new_id, phone, given->>'external_id', assert_resident.sealed, given->>'building', now)
        on conflict on constraint resident_phone do update set external_id = excluded.external_id
        returning resident into person;
    end if;
    insert into wall.session values (of_community, token_hash, null, person, now, now + interval '30 days');
    return json_build_object('expires', instant(now + interval '30 days'), 'who', json_build_object('id', person, 'role', 'resident'));
end $$;

create function add_department(of_community text, who caller, new_id uuid, input jsonb, scope bytea, body_hash bytea, out body json, out location text)
language plpgsql as $$
declare
    thing uuid := coalesce(made_before(of_community, scope, body_hash, new_id), new_id);
begin
    if thing = new_id then
        insert into wall.department values (of_community, new_id, input->>'code', input->>'name', input->>'name_en', true, wall_now());
        perform record_audit(of_community, who, 'add_department', new_id, input);
    end if;
    select json_build_object('id', department, 'code', code, 'name', name, 'name_en', name_en, 'active', active), '/v1/departments/' || department
    into body, location from wall.department where community = of_community and department = thing;
end $$;

-- What lists show names departments and categories: a new name renews them.
create function change_department(of_community text, who caller, of_department uuid, input jsonb) returns json
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    d wall.department;
begin
    if not coalesce((input->>'active')::boolean, true) and (of_department = dispatch_office(of_community) or exists (
        select from wall.complaint c where c.community = of_community and c.department = of_department and not is_final(c.status))) then
        perform refuse('not_allowed_now');
    end if;
    update wall.department x set name = coalesce(input->>'name', x.name), name_en = coalesce(input->>'name_en', x.name_en),
        active = coalesce((input->>'active')::boolean, x.active)
    where x.community = of_community and x.department = of_department returning * into d;
    if d.department is null then
        perform refuse('not_found');
    end if;
    if input ? 'name' then
        update wall.complaint c set entry = entry_json(c) where c.community = of_community and c.department = of_department;
        update wall.complaint c set responsibility = null where c.community = of_community and strpos(c.responsibility, of_department::text) > 0;
    end if;
    perform record_audit(of_community, who, 'change_department', of_department, input);
    return json_build_object('id', d.department, 'code', d.code, 'name', d.name, 'name_en', d.name_en, 'active', d.active);
end $$;

create function change_category(of_community text, who caller, of_code text, input jsonb) returns json
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    k wall.category;
    target uuid := (input->>'department')::uuid;
begin
    if target is not null and not exists (select from wall.department d where d.community = of_community and d.department = target and d.active) then
        perform refuse_field('/department', 'there is no such department', 'unknown_department');
    end if;
    update wall.category x set department = coalesce(target, x.department), name = coalesce(input->>'name', x.name),
        name_en = coalesce(input->>'name_en', x.name_en), visibility = coalesce(input->>'visibility', x.visibility),
        simple = coalesce((input->>'simple')::boolean, x.simple), days = coalesce((input->>'days')::integer, x.days)
    where x.community = of_community and x.code = of_code returning * into k;
    if k.code is null then
        perform refuse('not_found');
    end if;
    if input ? 'name' then
        update wall.complaint c set entry = entry_json(c) where c.community = of_community and c.category = of_code;
    end if;
    perform record_audit(of_community, who, 'change_category', null, input || jsonb_build_object('code', of_code));
    return json_build_object('code', k.code, 'name', k.name, 'name_en', k.name_en, 'department', k.department, 'visibility', k.visibility,
                             'simple', k.simple, 'days', k.days);
end $$;

-- A key opens what its scopes name, and nothing else exists to be named.
create function make_key(of_community text, who caller, new_id uuid, name text, scopes text[], key_hash bytea, scope bytea, body_hash bytea,
                         out body json, out location text) language plpgsql as $$
declare
    thing uuid := coalesce(made_before(of_community, scope, body_hash, new_id), new_id);
begin
    if not scopes <@ '{open311:write,open311:updates,export:read,metrics:read,residents:assert}' or scopes = '{}' then
        perform refuse_field('/scopes', 'holds something else than open311:write, open311:updates, export:read, metrics:read, residents:assert');
    end if;
    if thing = new_id then
        insert into wall.key values (of_community, new_id, name, key_hash, scopes, true, wall_now());
        perform record_audit(of_community, who, 'make_key', new_id, jsonb_build_object('scopes', scopes));
    end if;
    select key_json(k), '/v1/keys/' || k.key into body, location from wall.key k where k.community = of_community and k.key = thing;
end $$;

create function key_json(k wall.key) returns json language sql stable as $$
    select json_build_object('id', k.key, 'name', k.name, 'scopes', k.scopes, 'active', k.active, 'created', instant(k.created))
$$;

create function add_building(of_community text, who caller, new_id uuid, input jsonb, scope bytea, body_hash bytea, out body json, out location text)
language plpgsql as $$
begin
    if made_before(of_community, scope, body_hash, new_id) is null then
        insert into wall.building (community, code, name) values (of_community, input->>'code', input->>'name');
        perform record_audit(of_community, who, 'add_building', null, input);
    end if;
    body := json_build_object('code', input->>'code', 'name', input->>'name');
    location := '/v1/buildings';
end $$;
