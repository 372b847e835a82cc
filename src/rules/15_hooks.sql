-- Who set up which receiver: the admin's webhooks, the channels of departments and people, what was delivered to them.

-- The filter given, null for everything.
create function events_of(input jsonb, known text[]) returns text[] language plpgsql as $$
declare
    given text[] := array(select jsonb_array_elements_text(nullif(input->'events', 'null')));
    strange integer := (select min(n) - 1 from unnest(given) with ordinality as g (event, n) where event <> all(known));
begin
    if strange is not null then
        perform refuse_field('/events/' || strange, 'is no event');
    end if;
    return nullif(given, '{}');
end $$;

create function actions_known() returns text[] language plpgsql stable as $$
begin
    return array(select action from transition union select 'submit');
end $$;

-- What people are told of: also what is no action.
create function told_of() returns text[] language plpgsql stable as $$
begin
    return array(select unnest(actions_known()) union select p.event from push_phrase p);
end $$;

create function hook_json(h wall.hook) returns json language plpgsql stable as $$
begin
    return json_build_object('id', h.hook, 'name', h.name, 'url', h.url, 'events', coalesce(h.events, '{}'), 'active', h.active,
                             'disabled', instant(h.disabled), 'failing', instant(h.failing), 'cursor', cursor_text(h.xid, h.seq),
                             'old_secret_until', instant(case when h.old_until > wall_now() then h.old_until end), 'created', instant(h.created));
end $$;

create function own_hook(of_community text, of_hook uuid) returns wall.hook language plpgsql as $$
declare
    h wall.hook;
begin
    select * into h from wall.hook x where x.community = of_community and x.hook = of_hook and x.kind = 'webhook' for update;
    if h.hook is null then
        perform refuse('not_found');
    end if;
    return h;
end $$;

-- A webhook begins with what happens from now on.
create function make_hook(of_community text, who caller, new_id uuid, input jsonb, sealed_secret bytea, scope bytea, body_hash bytea,
                          out body json, out location text) language plpgsql as $$
declare
    thing uuid := coalesce(made_before(of_community, scope, body_hash, new_id), new_id);
    wanted text[] := events_of(input, actions_known());
begin
    if thing = new_id then
        insert into wall.hook (community, hook, kind, name, url, events, secret, xid, seq, created)
        select of_community, new_id, 'webhook', input->>'name', input->>'url', wanted, sealed_secret, e.xid, e.seq, wall_now() from stream_end(of_community) as e;
        perform record_audit(of_community, who, 'make_hook', new_id, input - 'url');
    end if;
    select hook_json(h), '/v1/hooks/' || h.hook into body, location from wall.hook h where h.community = of_community and h.hook = thing;
end $$;

-- What is absent stays. An active one is due at once: whatever made it fail may be mended.
create function change_hook(of_community text, who caller, of_hook uuid, input jsonb) returns json language plpgsql as $$
declare
    h wall.hook := own_hook(of_community, of_hook);
    wanted text[] := case when input ? 'events' then events_of(input, actions_known()) else h.events end;
    stays boolean := coalesce((input->>'active')::boolean, h.active);
begin
    update wall.hook x set name = coalesce(input->>'name', x.name), url = coalesce(input->>'url', x.url), events = wanted, active = stays,
        disabled = case when not stays then x.disabled end, failing = case when stays and x.active then x.failing end, due = wall_now()
    where x.community = of_community and x.hook = of_hook returning * into h;
    update wall.delivery d set due = wall_now()
    where d.community = of_community and d.hook = of_hook and d.state = 'pending' and stays and input ?| '{active,url}';
    perform record_audit(of_community, who, 'change_hook', of_hook, input - 'url');
    return hook_json(h);
end $$;

-- Both secrets sign until the old one ends.
create function rotate_hook(of_community text, who caller, of_hook uuid, sealed_secret bytea, overlap integer) returns json language plpgsql as $$
declare
    h wall.hook := own_hook(of_community, of_hook);
begin
    update wall.hook x set old_secret = x.secret, old_until = wall_now() + make_interval(hours => coalesce(overlap, 24)), secret = sealed_secret
    where x.community = of_community and x.hook = of_hook returning * into h;
    perform record_audit(of_community, who, 'rotate_hook', of_hook, jsonb_build_object('overlap', coalesce(overlap, 24)));
    return hook_json(h);
end $$;

create function forget_hook(of_community text, who caller, of_hook uuid) returns boolean language plpgsql as $$
begin
    perform own_hook(of_community, of_hook);
    delete from wall.hook x where x.community = of_community and x.hook = of_hook;
    perform record_audit(of_community, who, 'forget_hook', of_hook, '{}');
    return true;
end $$;

-- The webhook reads the stream again from there: what waits is read again in its turn, and each event keeps its message's id.
create function replay_hook(of_community text, who caller, of_hook uuid, since text) returns json language plpgsql as $$
declare
    h wall.hook := own_hook(of_community, of_hook);
    place bigint[];
begin
    if since !~ '^[0-9]{1,18}-[0-9]{1,18}$' then
        perform refuse_field('/from', 'is no cursor of an event');
    end if;
    place := string_to_array(since, '-')::bigint[];
    if (place[1]::text::xid8, place[2]) > (h.xid, h.seq) then
        perform refuse_field('/from', 'is ahead of what was delivered');
    end if;
    delete from wall.delivery d where d.community = of_community and d.hook = of_hook and d.state = 'pending';
    update wall.hook x set xid = place[1]::text::xid8, seq = place[2], due = wall_now(), leased = '-infinity'
    where x.community = of_community and x.hook = of_hook returning * into h;
    perform record_audit(of_community, who, 'replay_hook', of_hook, jsonb_build_object('from', since));
    return hook_json(h);
end $$;

create function list_hooks(of_community text, size integer, after_id uuid) returns page language plpgsql stable as $$
begin
    return (select page_of(array_agg(hook::text), array_agg(hook), array_agg(entry), size) from (
        select h.hook, hook_json(h)::text as entry from wall.hook h
        where h.community = of_community and h.kind = 'webhook' and h.hook < coalesce(after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
        order by h.hook desc limit size + 1) as newest);
end $$;

-- Deliveries: to webhooks and to the channels of departments and people alike, without what only the receiver may read.

create function delivery_json(d wall.delivery) returns json language sql stable as $$
    select json_build_object('id', d.delivery, 'message', d.message, 'event', d.event, 'at', instant(d.at), 'complaint', d.complaint, 'state', d.state,
                             'tries', d.tries, 'failure', d.failure, 'next_try', instant(case when d.state = 'pending' then d.due end),
                             'sent', instant(d.sent), 'cursor', cursor_text(d.xid, d.seq))
$$;

create function list_deliveries(of_community text, of_hook uuid, of_state text, size integer, after_key bigint, after_id uuid) returns page
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
begin
    -- Not those of residents: what they are told of leads to what they complained of.
    if not exists (select from wall.hook h where h.community = of_community and h.hook = of_hook and h.resident is null and h.phone_hash is null) then
        perform refuse('not_found');
    end if;
    return (select page_of(array_agg(position::text), array_agg(delivery), array_agg(entry), size) from (
        select d.position, d.delivery, delivery_json(d)::text as entry from wall.delivery d
        where d.community = of_community and d.hook = of_hook and (of_state is null or d.state = of_state)
          and d.position < coalesce(after_key, 9223372036854775807)
        order by d.position desc limit size + 1) as newest);
end $$;

-- Once more, or at once if it waits; the receiver knows it by its id.
create function redeliver(of_community text, who caller, of_hook uuid, of_delivery uuid) returns json language plpgsql as $$
declare
    d wall.delivery;
begin
    perform from wall.hook h where h.community = of_community and h.hook = of_hook and h.resident is null and h.phone_hash is null for update;
    if not found then
        perform refuse('not_found');
    end if;
    select * into d from wall.delivery x where x.community = of_community and x.hook = of_hook and x.delivery = of_delivery for update;
    if d.delivery is null then
        perform refuse('not_found');
    end if;
    update wall.delivery x set state = 'pending', due = wall_now(), tries = case when x.state = 'pending' then x.tries else 0 end, sent = null,
        expires = case when x.state = 'pending' then x.expires else 'infinity' end
    where x.community = of_community and x.delivery = of_delivery returning * into d;
    update wall.hook h set due = wall_now() where h.community = of_community and h.hook = of_hook;
    perform record_audit(of_community, who, 'redeliver', of_delivery, jsonb_build_object('hook', of_hook));
    return delivery_json(d);
end $$;

-- Channels of departments and people

-- `beyond_reach`: the kinds that the server has no way to.
create function channel_json(h wall.hook, beyond_reach text[]) returns json language plpgsql stable as $$
begin
    return json_build_object('id', h.hook, 'kind', h.kind, 'name', h.name, 'events', coalesce(h.events, '{}'), 'language', h.language,
                             'quiet_from', to_char(h.quiet_from, 'HH24:MI'), 'quiet_until', to_char(h.quiet_until, 'HH24:MI'), 'active', h.active,
                             'available', h.kind <> all(beyond_reach), 'disabled', instant(h.disabled), 'failing', instant(h.failing),
                             'created', instant(h.created));
end $$;

-- Null: the caller's own. A department's are its officers' to choose, the dispatch office's the dispatchers'; an admin may choose for all.
create function may_choose(of_community text, who caller, of_department uuid) returns void language plpgsql as $$
begin
    if of_department is null then
        return;
    end if;
    perform from wall.department d where d.community = of_community and d.department = of_department;
    if not found then
        perform refuse('not_found');
    end if;
    if who.role <> 'admin' and who.office is distinct from of_department
       and not (who.role = 'dispatcher' and of_department = dispatch_office(of_community)) then
        perform refuse('not_permitted');
    end if;
end $$;

-- The channels that this caller chooses: of that department, or his own; a resident's phone counts as one that he chose.
create function chosen_channels(of_community text, who caller, of_department uuid) returns setof wall.hook language plpgsql as $$
begin
    perform may_choose(of_community, who, of_department);
    if of_department is not null then
        return query select * from wall.hook h where h.community = of_community and h.department = of_department;
    elsif who.role = 'resident' then
        return query select * from wall.hook h where h.community = of_community and h.resident = who.actor
            union all select h.* from wall.hook h join wall.resident r on r.community = h.community and r.phone_hash = h.phone_hash
                      where h.community = of_community and r.resident = who.actor and h.resident is distinct from who.actor;
    else
        return query select * from wall.hook h where h.community = of_community and h.staff = who.actor;
    end if;
end $$;

create function list_channels(of_community text, who caller, of_department uuid, beyond_reach text[]) returns json language plpgsql as $$
begin
    return json_build_object('items', (select coalesce(json_agg(channel_json(h, beyond_reach) order by h.created, h.hook), '[]')
                                       from chosen_channels(of_community, who, of_department) as h), 'next', null);
end $$;

create function own_channel(of_community text, who caller, of_department uuid, of_hook uuid) returns wall.hook language plpgsql as $$
declare
    h wall.hook;
begin
    select * into h from chosen_channels(of_community, who, of_department) as x where x.hook = of_hook;
    if h.hook is null then
        perform refuse('not_found');
    end if;
    return h;
end $$;

-- What each kind of channel is reached by.
create function check_address(who caller, of_department uuid, kind text, token bytea, secret bytea, mail bytea, phone bytea) returns void language plpgsql as $$
declare
    wanted text := case when kind = 'mail' then 'mail' when kind = 'sms' then 'phone' else 'token' end;
    given text[] := array_remove(array[case when token is not null then 'token' end, case when mail is not null then 'mail' end,
                                       case when phone is not null then 'phone' end], null);
    stray text := (select g from unnest(given) as g where g <> wanted limit 1);
begin
    if wanted <> all(given) and not (kind = 'sms' and who.role = 'resident') then
        perform refuse_field('/' || wanted, 'is required for this kind');
    end if;
    if stray is not null or kind = 'sms' and who.role = 'resident' and phone is not null then
        perform refuse_field('/' || coalesce(stray, 'phone'), 'has no meaning for this kind');
    end if;
    if secret is not null and kind not in ('dingtalk', 'feishu') then
        perform refuse_field('/secret', 'has no meaning for this kind');
    end if;
    if who.role = 'resident' and kind not in ('mail', 'sms') then
        perform refuse_field('/kind', 'is for departments and staff');
    end if;
end $$;

-- A resident's messages go to the phone he signs in with.
create function own_phone(of_community text, who caller) returns bytea language plpgsql as $$
declare
    hash bytea := (select r.phone_hash from wall.resident r where r.community = of_community and r.resident = who.actor);
begin
    if hash is null then
        perform refuse_field('/kind', 'no phone is known of you');
    end if;
    return hash;
end $$;

create function check_quiet(input jsonb) returns void language plpgsql as $$
begin
    if (input->>'quiet_from' is null) <> (input->>'quiet_until' is null) then
        perform refuse_field(case when input->>'quiet_from' is null then '/quiet_from' else '/quiet_until' end, 'quiet hours have a beginning and an end');
    end if;
end $$;

create function make_channel(of_community text, who caller, new_id uuid, of_department uuid, input jsonb, token bytea, sealed_secret bytea, mail bytea, phone bytea,
                             beyond_reach text[], scope bytea, body_hash bytea, out body json, out location text) language plpgsql as $$
declare
    most constant integer := 20;
    thing uuid;
    kind text := input->>'kind';
    is_own_phone boolean := kind = 'sms' and who.role = 'resident';
begin
    perform may_choose(of_community, who, of_department);
    perform check_address(who, of_department, kind, token, sealed_secret, mail, phone);
    perform check_quiet(input);
    if kind = any(beyond_reach) then
        perform refuse_field('/kind', case kind when 'mail' then 'this server has no mail server to send it by' else 'this server has no gateway for short messages' end);
    end if;
    thing := coalesce(made_before(of_community, scope, body_hash, new_id), new_id);
    if thing = new_id then
        if (select count(*) from chosen_channels(of_community, who, of_department)) >= most then
            perform refuse('too_many_channels');
        end if;
        insert into wall.hook (community, hook, kind, name, department, staff, resident, phone_hash, events, language, quiet_from, quiet_until,
                               address, secret, created)
        values (of_community, new_id, kind, coalesce(input->>'name', kind), of_department,
                case when of_department is null and who.role <> 'resident' then who.actor end,
                case when of_department is null and who.role = 'resident' then who.actor end, case when is_own_phone then own_phone(of_community, who) end,
                events_of(input, told_of()), coalesce(input->>'language', 'zh'), (input->>'quiet_from')::time, (input->>'quiet_until')::time,
                coalesce(token, mail, phone), sealed_secret, wall_now())
        on conflict (community, phone_hash) where phone_hash is not null do update set resident = excluded.resident, name = excluded.name,
            events = excluded.events, language = excluded.language, quiet_from = excluded.quiet_from, quiet_until = excluded.quiet_until, active = true
        returning hook.hook into thing;
        perform record_audit(of_community, who, 'make_channel', thing, input - '{name,token,secret,mail,phone}'::text[]);
    end if;
    select channel_json(h, beyond_reach), case when of_department is null then '/v1/me' else '/v1/departments/' || of_department end || '/channels/' || h.hook
    into body, location from wall.hook h where h.community = of_community and h.hook = thing;
end $$;

create function change_channel(of_community text, who caller, of_department uuid, of_hook uuid, input jsonb, beyond_reach text[]) returns json language plpgsql as $$
declare
    h wall.hook := own_channel(of_community, who, of_department, of_hook);
    wanted text[] := case when input ? 'events' then events_of(input, told_of()) else h.events end;
    stays boolean := coalesce((input->>'active')::boolean, h.active);
begin
    if input ? 'quiet_from' or input ? 'quiet_until' then
        perform check_quiet(input);
        h.quiet_from := (input->>'quiet_from')::time;
        h.quiet_until := (input->>'quiet_until')::time;
    end if;
    update wall.hook x set name = coalesce(input->>'name', x.name), events = wanted, language = coalesce(input->>'language', x.language), active = stays,
        quiet_from = h.quiet_from, quiet_until = h.quiet_until, disabled = case when not stays then x.disabled end,
        failing = case when stays and x.active then x.failing end, due = wall_now()
    where x.community = of_community and x.hook = of_hook returning * into h;
    perform record_audit(of_community, who, 'change_channel', of_hook, input - 'name');
    return channel_json(h, beyond_reach);
end $$;

-- A phone is not forgotten but told nothing any more: else it would be found anew with the next message.
create function forget_channel(of_community text, who caller, of_department uuid, of_hook uuid) returns boolean language plpgsql as $$
declare
    h wall.hook := own_channel(of_community, who, of_department, of_hook);
begin
    if h.phone_hash is not null then
        update wall.hook x set active = false where x.community = of_community and x.hook = of_hook;
    else
        delete from wall.hook x where x.community = of_community and x.hook = of_hook;
    end if;
    perform record_audit(of_community, who, 'forget_channel', of_hook, '{}');
    return true;
end $$;
