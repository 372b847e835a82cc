-- Volunteers (志愿帮助). A group is asked for by a resident, who leads it, and approved by the working group; its leader admits who joins. A volunteer
-- claims a simple case that everybody may see: the case stays with its department and the department's clock runs on. A claim is a lease: it is
-- finished, handed back, or expires; what is finished the reporter confirms, or after a while the department. Volunteers appear by their alias.

-- Groups

create function group_state(of_community text, of_group uuid) returns text language plpgsql stable as $$
begin
    return coalesce((select a.kind from wall.volunteer_group_act a
                     where a.community = of_community and a.volunteer_group = of_group order by a.seq desc limit 1), 'requested');
end $$;

create function membership(of_community text, of_volunteer uuid) returns text language plpgsql stable as $$
begin
    return coalesce((select a.kind from wall.volunteer_act a
                     where a.community = of_community and a.volunteer = of_volunteer order by a.seq desc limit 1), 'requested');
end $$;

-- As what this resident may help: a member of an approved group. Null: he may not.
create function volunteer_of(of_community text, of_resident uuid) returns uuid language plpgsql stable as $$
begin
    return (select v.volunteer from wall.volunteer v
            where v.community = of_community and v.resident = of_resident
              and membership(of_community, v.volunteer) = 'admitted' and group_state(of_community, v.volunteer_group) = 'approved'
            order by v.at limit 1);
end $$;

create function leads(of_community text, of_group uuid, who caller) returns boolean language plpgsql stable as $$
begin
    return who.role = 'resident' and exists (
        select from wall.volunteer v where v.community = of_community and v.volunteer_group = of_group and v.resident = who.actor and v.leader
          and membership(of_community, v.volunteer) <> 'parted');
end $$;

create function group_json(g wall.volunteer_group, who caller) returns text language plpgsql stable as $$
begin
    return (select json_build_object(
        'id', g.volunteer_group, 'name', g.name, 'about', g.about, 'state', group_state(g.community, g.volunteer_group), 'requested', instant(g.at),
        'leader', (select v.alias from wall.volunteer v where v.community = g.community and v.volunteer_group = g.volunteer_group and v.leader),
        'members', (select count(*) from wall.volunteer v where v.community = g.community and v.volunteer_group = g.volunteer_group
                    and membership(g.community, v.volunteer) = 'admitted'),
        'reason', (select a.reason from wall.volunteer_group_act a where a.community = g.community and a.volunteer_group = g.volunteer_group
                   order by a.seq desc limit 1),
        'mine', (select json_build_object('volunteer', v.volunteer, 'alias', v.alias, 'state', membership(g.community, v.volunteer), 'leader', v.leader)
                 from wall.volunteer v where v.community = g.community and v.volunteer_group = g.volunteer_group and v.resident = who.actor
                 and who.role = 'resident'))::text);
end $$;

create function know_group(of_community text, of_group uuid) returns wall.volunteer_group language plpgsql stable as $$
declare
    g wall.volunteer_group;
begin
    select * into g from wall.volunteer_group x where x.community = of_community and x.volunteer_group = of_group;
    if g.volunteer_group is null then
        perform refuse('not_found');
    end if;
    return g;
end $$;

create function add_volunteer(of_community text, of_group uuid, of_volunteer uuid, who caller, alias text, leader boolean, at timestamptz) returns void
language sql as $$
    insert into wall.volunteer values (of_community, of_volunteer, of_group, who.actor, alias, leader, at)
$$;

create function found_group(of_community text, who caller, input jsonb, new_id uuid, scope bytea, body_hash bytea, out body text, out location text)
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    moment timestamptz := wall_now();
    earlier uuid := made_before(of_community, scope, body_hash, new_id);
begin
    if earlier is null then
        insert into wall.volunteer_group values (of_community, new_id, input->>'name', input->>'about', moment);
        perform add_volunteer(of_community, new_id, made_id(moment), who, input->>'alias', true, moment);
    end if;
    body := group_json(know_group(of_community, coalesce(earlier, new_id)), who);
    location := '/v1/volunteer-groups/' || coalesce(earlier, new_id);
end $$;

-- approve, refuse, dissolve: the working group's.
create function decide_group(of_community text, of_group uuid, who caller, action text, reason text, out body text)
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    g wall.volunteer_group := know_group(of_community, of_group);
    state text;
begin
    perform pg_advisory_xact_lock(hashtextextended(of_group::text, 311));
    state := group_state(of_community, of_group);
    if action = 'dissolve' and state <> 'approved' or action = 'refuse' and state <> 'requested' or action = 'approve' and state = 'approved' then
        perform refuse('not_allowed_now');
    end if;
    insert into wall.volunteer_group_act
    values (of_community, of_group, case action when 'approve' then 'approved' when 'refuse' then 'refused' else 'dissolved' end, who.actor, wall_now(), reason);
    perform record_audit(of_community, who, action || '_group', of_group, jsonb_strip_nulls(jsonb_build_object('reason', reason)));
    if action = 'approve' then
        insert into wall.volunteer_act
        select of_community, v.volunteer, 'admitted', wall_now() from wall.volunteer v
        where v.community = of_community and v.volunteer_group = of_group and v.leader and membership(of_community, v.volunteer) <> 'admitted';
    end if;
    body := group_json(g, who);
end $$;

create function join_group(of_community text, of_group uuid, who caller, alias text, new_id uuid, out body text)
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    g wall.volunteer_group := know_group(of_community, of_group);
begin
    if group_state(of_community, of_group) <> 'approved' then
        perform refuse('not_allowed_now');
    end if;
    perform add_volunteer(of_community, of_group, new_id, who, alias, false, wall_now());
    body := group_json(g, who);
end $$;

-- admit, part: the leader's or the working group's; everybody may part from a group himself.
create function change_member(of_community text, of_group uuid, of_volunteer uuid, who caller, action text, out body text)
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    v wall.volunteer;
    state text;
begin
    select * into v from wall.volunteer x where x.community = of_community and x.volunteer = of_volunteer and x.volunteer_group = of_group for update;
    if v.volunteer is null or not (who.role in ('dispatcher', 'supervisor') or leads(of_community, of_group, who) or v.resident = who.actor) then
        perform refuse('not_found');
    end if;
    if action = 'admit' and who.role = 'resident' and not leads(of_community, of_group, who) then
        perform refuse('not_permitted');
    end if;
    state := membership(of_community, of_volunteer);
    if action = 'admit' and state = 'admitted' or action = 'part' and state = 'parted' then
        perform refuse('not_allowed_now');
    end if;
    insert into wall.volunteer_act values (of_community, of_volunteer, case action when 'admit' then 'admitted' else 'parted' end, wall_now());
    body := members_json(of_community, of_group);
end $$;

create function members_json(of_community text, of_group uuid) returns text language plpgsql stable as $$
begin
    return (select '{"items":' || json_list(string_agg(json_build_object(
                'volunteer', v.volunteer, 'alias', v.alias, 'leader', v.leader, 'state', membership(of_community, v.volunteer), 'asked', instant(v.at))::text, ','
                order by v.at, v.volunteer)) || ',"next":null}'
            from wall.volunteer v where v.community = of_community and v.volunteer_group = of_group);
end $$;

create function show_members(of_community text, of_group uuid, who caller) returns text language plpgsql stable as $$
begin
    perform know_group(of_community, of_group);
    if who.role not in ('dispatcher', 'supervisor') and not leads(of_community, of_group, who) then
        perform refuse('not_permitted');
    end if;
    return members_json(of_community, of_group);
end $$;

-- Approved ones are everybody's to see; those asked for, refused and dissolved only the working group's and their leader's.
create function list_groups(of_community text, who caller, of_state text) returns text
language plpgsql stable security definer set search_path = wall, rules, pg_temp as $$
begin
    return (select '{"items":' || json_list(string_agg(group_json(g, who), ',' order by g.name)) || ',"next":null}'
            from wall.volunteer_group g
            where g.community = of_community and (of_state is null or of_state = group_state(of_community, g.volunteer_group))
              and (group_state(of_community, g.volunteer_group) = 'approved' or who.role in ('dispatcher', 'supervisor')
                   or leads(of_community, g.volunteer_group, who)));
end $$;

-- Claims

create function claim_state(of_community text, of_claim uuid) returns text language plpgsql stable as $$
begin
    return coalesce((select a.kind from wall.claim_act a where a.community = of_community and a.claim = of_claim order by a.seq desc limit 1), 'open');
end $$;

-- The claim of a case that is open, or finished and waiting for confirmation.
create function claim_running(c wall.complaint) returns uuid language plpgsql stable as $$
begin
    if is_untouched(c) then
        return null;
    end if;
    return (select k.claim from wall.claim k
            where k.community = c.community and k.complaint = c.complaint and claim_state(k.community, k.claim) in ('open', 'finished')
            order by k.at desc limit 1);
end $$;

create function claims_open_of(of_community text, of_volunteer uuid) returns integer language plpgsql stable as $$
begin
    return (select count(*) from wall.claim k
            where k.community = of_community and k.volunteer = of_volunteer and claim_state(k.community, k.claim) = 'open');
end $$;

-- What volunteers may take: simple, public and published, without urgency, and on the department's turn.
create function is_simple(c wall.complaint) returns boolean language plpgsql stable as $$
begin
    return c.visibility = 'public' and c.publication = 'published' and not c.urgent and c.turn = 'department'
        and exists (select from wall.category k where k.community = c.community and k.code = c.category and k.simple);
end $$;

-- Does the claim that runs belong to this caller?
create function is_at_work(c wall.complaint, who caller) returns boolean language plpgsql stable as $$
begin
    return who.role = 'resident' and exists (select from wall.claim k join wall.volunteer v using (community, volunteer)
                                             where k.community = c.community and k.claim = claim_running(c) and v.resident = who.actor);
end $$;

-- Who a resident is to the claims of this case: one who may claim it, or one who has. Nobody helps himself. What is not for everybody any more
-- stays open to who is at work on it.
create function volunteer_relations(c wall.complaint, who caller) returns text[] language plpgsql stable as $$
declare
    shared boolean := c.visibility = 'public' and c.publication = 'published';
begin
    if not exists (select from wall.volunteer v where v.community = c.community and v.resident = who.actor) then
        return '{}';
    end if;
    return case when shared and volunteer_of(c.community, who.actor) is not null then '{volunteer}' else '{}' end::text[]
        || case when is_at_work(c, who) or shared and exists (
                    select from wall.claim k join wall.volunteer v using (community, volunteer)
                    where k.community = c.community and k.complaint = c.complaint and v.resident = who.actor) then '{claimant}' else '{}' end::text[];
end $$;

-- What stands in the way of what is done to a claim.
create function claim_hindered(c wall.complaint, at timestamptz, action text, who caller, p wall.policy) returns boolean language plpgsql stable as $$
declare
    running uuid := claim_running(c);
    state text := case when running is not null then claim_state(c.community, running) end;
begin
    return case action
        when 'claim' then running is not null or not is_simple(c) or claims_open_of(c.community, volunteer_of(c.community, who.actor)) >= p.max_claims
        when 'confirm_claim' then running is null or state <> 'finished' or who.role in ('officer', 'dispatcher') and at < p.claim_confirm + (
            select a.at from wall.claim_act a where a.community = c.community and a.claim = running and a.kind = 'finished')
        else not is_at_work(c, who) or state <> 'open' end;
end $$;

create function claim_json(k wall.claim) returns text language plpgsql stable as $$
begin
    return (select json_build_object(
        'id', k.claim, 'complaint', k.complaint, 'number', (select c.number from wall.complaint c where c.community = k.community and c.complaint = k.complaint),
        'volunteer', v.alias, 'group', g.name, 'claimed', instant(k.at), 'due', instant(k.due), 'state', claim_state(k.community, k.claim),
        'pictures', coalesce((select json_agg(p.n order by p.n) from wall.picture p
                              where p.community = k.community and p.complaint = k.complaint and p.claim = k.claim), '[]'),
        'finished', (select json_build_object('at', instant(a.at), 'text', a.text, 'minutes', a.minutes) from wall.claim_act a
                     where a.community = k.community and a.claim = k.claim and a.kind = 'finished'),
        'confirmed', (select json_build_object('at', instant(a.at), 'by', a.by) from wall.claim_act a
                      where a.community = k.community and a.claim = k.claim and a.kind = 'confirmed'))::text
        from wall.volunteer v join wall.volunteer_group g using (community, volunteer_group)
        where v.community = k.community and v.volunteer = k.volunteer);
end $$;

create function claims_json(c wall.complaint) returns text language plpgsql stable as $$
begin
    return (select json_list(string_agg(claim_json(k), ',' order by k.at)) from wall.claim k where k.community = c.community and k.complaint = c.complaint);
end $$;

create function act_on_claim(of_community text, of_claim uuid, kind text, at timestamptz, by_whom text, words text default null, minutes integer default null)
returns void language sql as $$
    insert into wall.claim_act (community, claim, kind, at, text, minutes, by) values (of_community, of_claim, kind, at, words, minutes, by_whom)
$$;

-- The lease has run out.
create function expire_claim(inout c wall.complaint, at timestamptz) language plpgsql as $$
begin
    perform act_on_claim(c.community, claim_running(c), 'expired', at, 'system');
    c := move(c, at, 'expire_claim', 'system');
end $$;

-- A case that ends takes an open claim with it.
create function drop_claim(c wall.complaint, at timestamptz) returns void language plpgsql as $$
declare
    running uuid := claim_running(c);
begin
    if running is not null and claim_state(c.community, running) = 'open' then
        perform act_on_claim(c.community, running, 'dropped', at, 'system');
    end if;
end $$;

create function claim_case(of_community text, of_complaint uuid, who caller, of_version integer, new_id uuid, scope bytea, body_hash bytea,
                           out body text, out location text)
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    earlier uuid := made_before(of_community, scope, body_hash, new_id);
    own uuid := volunteer_of(of_community, who.actor);
    taken record;
    c wall.complaint;
begin
    perform from wall.volunteer v where v.community = of_community and v.volunteer = own for update;   -- at most so many, also at once
    select * into taken from take_up(of_community, of_complaint, null);
    if earlier is null then
        perform may(taken.c, taken.at, 'claim', who, of_version);
        c := move(taken.c, taken.at, 'claim', 'volunteer', null, '{}', jsonb_build_object('claim', new_id));
        insert into wall.claim
        select of_community, of_complaint, new_id, own, taken.at, d.due from wall.deadline d
        where d.community = of_community and d.complaint = of_complaint and d.kind = 'claim' order by d.round desc limit 1;
    end if;
    select claim_json(k), '/v1/claims/' || k.claim into body, location
    from wall.claim k where k.community = of_community and k.claim = coalesce(earlier, new_id);
end $$;

-- Its version is the number of what was done with it.
create function claim_version(of_community text, of_claim uuid) returns integer language plpgsql stable as $$
begin
    return 1 + (select count(*) from wall.claim_act a where a.community = of_community and a.claim = of_claim);
end $$;

-- finish, hand_back, confirm: through the case the claim is on.
create function do_claim(of_community text, of_claim uuid, who caller, action text, of_version integer, input jsonb, out body text, out version integer)
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    k wall.claim;
    taken record;
    mine text[];
    by_whom text;
begin
    select * into k from wall.claim x where x.community = of_community and x.claim = of_claim;
    select * into taken from take_up(of_community, k.complaint, null);
    mine := may(taken.c, taken.at, action || '_claim', who, case when of_version <> claim_version(of_community, of_claim) then -1 end);
    if action <> 'confirm' and not exists (select from wall.volunteer v where v.community = of_community and v.volunteer = k.volunteer
                                           and v.resident = who.actor) then
        perform refuse('not_permitted');
    end if;
    if of_claim is distinct from claim_running(taken.c) then
        perform refuse('not_allowed_now', jsonb_build_object('allowed', actions_of(taken.c, taken.at, who, mine)));
    end if;
    by_whom := case when 'claimant' = any(mine) and action <> 'confirm' then 'volunteer' else actor_kind(who, mine) end;
    perform act_on_claim(of_community, of_claim, case action when 'finish' then 'finished' when 'hand_back' then 'handed_back' else 'confirmed' end, taken.at,
                         by_whom, coalesce(input->>'text', input->>'reason'), (input->>'minutes')::integer);
    perform move(taken.c, taken.at, action || '_claim', by_whom, actor_of(who), '{}',
                 jsonb_strip_nulls(jsonb_build_object('claim', of_claim, 'minutes', input->'minutes')), coalesce(input->>'text', input->>'reason'));
    body := claim_json(k);
    version := claim_version(of_community, of_claim);
end $$;

-- Those concerned may see a claim: the volunteer, and who is inside the case.
create function show_claim(of_community text, of_claim uuid, who caller, out body text, out version integer)
language plpgsql stable security definer set search_path = wall, rules, pg_temp as $$
declare
    k wall.claim;
    c wall.complaint;
begin
    select * into k from wall.claim x where x.community = of_community and x.claim = of_claim;
    select * into c from wall.complaint x where x.community = of_community and x.complaint = k.complaint;
    if k.claim is null or not (is_inside(relations(c, who)) or exists (
        select from wall.volunteer v where v.community = of_community and v.volunteer = k.volunteer and v.resident = who.actor and who.role = 'resident')) then
        return;
    end if;
    body := claim_json(k);
    version := claim_version(of_community, of_claim);
end $$;

create function list_own_claims(of_community text, of_resident uuid, size integer, after_key timestamptz, after_id uuid) returns page
language plpgsql stable as $$
begin
    return (select page_of(array_agg(at::text), array_agg(claim), array_agg(shown), size) from (
        select k.at, k.claim, claim_json(k) as shown from wall.claim k join wall.volunteer v using (community, volunteer)
        where k.community = of_community and v.resident = of_resident
          and (k.at, k.claim) < (coalesce(after_key, 'infinity'), coalesce(after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
        order by k.at desc, k.claim desc limit size + 1) as newest);
end $$;

-- The board: what may be claimed now, oldest first.
create function list_board(of_community text, who caller, of_building text, size integer, after_key timestamptz, after_id uuid) returns page
language plpgsql stable as $$
begin
    if volunteer_of(of_community, who.actor) is null then
        perform refuse('not_permitted');
    end if;
    return (select page_of(array_agg(submitted::text), array_agg(complaint), array_agg(entry), size) from (
        select c.submitted, c.complaint, c.entry
        from wall.complaint c join wall.category k on k.community = c.community and k.code = c.category and k.simple
        where c.community = of_community and c.status in ('assigned', 'accepted') and c.turn = 'department' and not c.urgent
          and c.publication = 'published' and c.visibility = 'public' and (of_building is null or c.building = of_building)
          and claim_running(c) is null
          and (c.submitted, c.complaint) > (coalesce(after_key, '-infinity'), coalesce(after_id, '00000000-0000-0000-0000-000000000000'))
        order by c.submitted, c.complaint limit size + 1) as oldest);
end $$;

-- The first day of a month such as 2026-11.
create function month_named(named text) returns date language plpgsql immutable as $$
begin
    if named !~ '^[1-9][0-9]{3}-(0[1-9]|1[0-2])$' then
        perform refuse_field('/month', 'is not a month such as 2026-11');
    end if;
    return (named || '-01')::date;
end $$;

-- Monthly thanks: what was confirmed in a month of the community, by volunteer.
create function thanks(of_community text, month text) returns text
language plpgsql stable security definer set search_path = wall, rules, pg_temp as $$
declare
    zone text := zone_of(of_community);
    first date := coalesce(month_named(month), date_trunc('month', wall_now() at time zone zone)::date);
begin
    return (
        select json_build_object('month', to_char(first, 'YYYY-MM'), 'claims', coalesce(sum(h.claims), 0), 'minutes', coalesce(sum(h.minutes), 0),
                                 'items', coalesce(json_agg(h order by h.minutes desc, h.volunteer) filter (where h.volunteer is not null), '[]'))::text
        from (select v.alias as volunteer, g.name as group, count(*) as claims, sum(f.minutes) as minutes
              from wall.claim_act a
              join wall.claim k using (community, claim)
              join wall.claim_act f on f.community = a.community and f.claim = a.claim and f.kind = 'finished'
              join wall.volunteer v on v.community = k.community and v.volunteer = k.volunteer
              join wall.volunteer_group g on g.community = v.community and g.volunteer_group = v.volunteer_group
              where a.community = of_community and a.kind = 'confirmed'
                and a.at >= first::timestamp at time zone zone and a.at < (first + interval '1 month')::timestamp at time zone zone
              group by v.volunteer, v.alias, g.name) as h);
end $$;

-- A volunteer who is forgotten: the minutes stay, nobody's; words and pictures go.
create function forget_volunteer(of_community text, of_resident uuid) returns void language plpgsql as $$
declare
    own uuid[] := array(select v.volunteer from wall.volunteer v where v.community = of_community and v.resident = of_resident);
    claims text[] := array(select k.claim::text from wall.claim k where k.community = of_community and k.volunteer = any(own));
begin
    update wall.event_text t set text = null
    from wall.event e
    where e.community = of_community and e.action in ('finish_claim', 'hand_back_claim') and e.data->>'claim' = any(claims)
      and e.complaint in (select k.complaint from wall.claim k where k.community = of_community and k.volunteer = any(own))
      and t.community = e.community and t.complaint = e.complaint and t.seq = e.seq;
    update wall.claim_act a set text = null where a.community = of_community and a.claim = any(claims::uuid[]) and a.text is not null;
    perform erase_pictures(k.community, k.complaint, k.claim) from wall.claim k where k.community = of_community and k.claim = any(claims::uuid[]);
    insert into wall.volunteer_act
    select of_community, v, 'parted', wall_now() from unnest(own) as v where membership(of_community, v) = 'admitted';
    update wall.volunteer v set resident = null, alias = '已注销' where v.community = of_community and v.volunteer = any(own);
end $$;

create function volunteers_held(of_community text, of_resident uuid) returns json language plpgsql stable as $$
begin
    return (select coalesce(json_agg(json_build_object('group', g.name, 'alias', v.alias, 'state', membership(of_community, v.volunteer), 'claims', (
                select coalesce(json_agg(claim_json(k)::json order by k.at), '[]') from wall.claim k
                where k.community = v.community and k.volunteer = v.volunteer)) order by v.at), '[]')
            from wall.volunteer v join wall.volunteer_group g using (community, volunteer_group)
            where v.community = of_community and v.resident = of_resident);
end $$;
