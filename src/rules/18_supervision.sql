-- Supervision cases (核实反馈、督促整改): about a complaint, a cluster or a department, opened by a rule (10_days_taken.sql) or by hand. Each step is a row that
-- stays: what was done, when, by whom, who is next and until when. A step whose due passes reminds its owner, once, at its due.

-- The table of steps: which leads from where to where, and who may take it. Relations to a case: supervisor, owner (of the step), ordered (an officer
-- of the department that has the order), system; officer (of a department concerned), dispatcher and reminded may read.
create table supervision_step (
    action text not null,
    source text not null,
    target text not null,
    doers text[] not null,
    primary key (action, source));

insert into supervision_step
select action, source, coalesce(target, source), doers::text[]
from (values
    ('verify', '{screened,verifying}', 'verifying', '{supervisor}'),
    ('order', '{screened,verifying,rectifying}', 'rectifying', '{supervisor}'),
    ('feedback', '{verifying,rectifying}', null, '{supervisor,owner,ordered}'),
    ('confirm', '{verifying,rectifying}', 'confirmed', '{supervisor}'),
    ('dismiss', '{screened,verifying,rectifying}', 'dismissed', '{supervisor}'),
    ('remind', '{screened,verifying,rectifying}', null, '{supervisor}'),
    ('overdue', '{screened,verifying,rectifying}', null, '{system}'),
    ('pass_on', '{screened,verifying,rectifying}', null, '{system}')     -- its owner has left the service
) as t (action, sources, target, doers) cross join lateral unnest(sources::text[]) as s (source);

-- Its last step: where it stands.
create function standing(s wall.supervision) returns wall.supervision_act language plpgsql stable as $$
declare
    last wall.supervision_act;
begin
    select * into last from wall.supervision_act a where a.community = s.community and a.supervision = s.supervision order by a.seq desc limit 1;
    return last;
end $$;

-- The department that was last told to mend it.
create function ordered_of(s wall.supervision) returns uuid language plpgsql stable as $$
begin
    return (select a.department from wall.supervision_act a
            where a.community = s.community and a.supervision = s.supervision and a.action = 'order' order by a.seq desc limit 1);
end $$;

-- Whose it is: its own department, that which holds its complaint, those that were given orders.
create function concerns(s wall.supervision, of_department uuid) returns boolean language plpgsql stable as $$
begin
    return of_department is not null and (
        s.department = of_department
        or exists (select from wall.complaint c where c.community = s.community and c.complaint = s.complaint and c.department = of_department)
        or exists (select from wall.supervision_act a where a.community = s.community and a.supervision = s.supervision and a.department = of_department));
end $$;

-- Who this caller is to this case. Empty: it does not exist for him.
create function supervision_relations(s wall.supervision, who caller) returns text[] language plpgsql stable as $$
begin
    return case when s.supervision is null or who.actor is null then '{}' when who.role in ('supervisor', 'dispatcher') then array[who.role] else '{}' end::text[]
        || case when (standing(s)).owner = who.actor then '{owner}' else '{}' end::text[]
        || case when who.role = 'officer' and concerns(s, who.office) then '{officer}' else '{}' end::text[]
        || case when who.role = 'officer' and ordered_of(s) = who.office then '{ordered}' else '{}' end::text[]
        || case when exists (select from wall.supervision_reminder r where r.community = s.community and r.supervision = s.supervision and r.staff = who.actor)
                then '{reminded}' else '{}' end::text[];
end $$;

create function steps_of(status text, mine text[]) returns text[] language sql stable as $$
    select array(select t.action from supervision_step t where t.source = status and t.doers && mine order by t.action)
$$;

create function staff_word(of_community text, of_staff uuid) returns json language plpgsql stable as $$
begin
    return (select json_build_object('id', x.staff, 'name', x.name) from wall.staff x where x.community = of_community and x.staff = of_staff);
end $$;

-- Writing

create function set_supervision_timer(of_community text, of_supervision uuid, due timestamptz) returns void language plpgsql as $$
begin
    delete from wall.supervision_timer t where t.community = of_community and t.supervision = of_supervision;
    insert into wall.supervision_timer
    select of_community, of_supervision, set_supervision_timer.due where set_supervision_timer.due is not null;
end $$;

create function add_step(a wall.supervision_act) returns wall.supervision_act language plpgsql as $$
begin
    insert into wall.supervision_act (community, supervision, seq, status, at, author, owner, due, text, action, department)
    values (a.community, a.supervision, a.seq, a.status, a.at, a.author, a.owner, a.due, a.text, a.action, a.department);
    update wall.supervision x set status = a.status where x.community = a.community and x.supervision = a.supervision and x.status <> a.status;
    if a.action = 'overdue' then
        perform set_supervision_timer(a.community, a.supervision, null);
    elsif a.action not in ('remind', 'pass_on') then
        perform set_supervision_timer(a.community, a.supervision, a.due);
    end if;
    return a;
end $$;

-- Tells an audience (a role, the officers of a department), or one member of the staff.
create function tell_supervision(s wall.supervision, at timestamptz, event text, audience text, of_department uuid, of_staff uuid, more jsonb default '{}')
returns void language sql as $$
    insert into wall.outbox (community, at, channel, event, audience, complaint, department, staff, payload, due)
    values (s.community, at, 'file', event, audience, s.complaint, of_department, of_staff, jsonb_build_object('supervision', s.supervision) || more, at)
$$;

-- Only a supervisor can decide. Where somebody else has the step, or nobody, all supervisors hear what its owner hears.
create function is_supervisor(of_community text, of_staff uuid) returns boolean language plpgsql stable as $$
begin
    return exists (select from wall.staff x where x.community = of_community and x.staff = of_staff and x.role = 'supervisor' and x.active);
end $$;

-- The step's due has passed: a step of its own, at that moment, and its owner hears of it.
create function settle_supervision(s wall.supervision, moment timestamptz) returns void language plpgsql as $$
declare
    last wall.supervision_act;
    owed timestamptz := (select t.due from wall.supervision_timer t where t.community = s.community and t.supervision = s.supervision and t.due < moment);
begin
    if owed is null then
        return;
    end if;
    last := standing(s);
    last.seq := last.seq + 1;
    last.action := 'overdue';
    last.at := greatest(owed, last.at);
    last.author := null;
    last.text := null;
    last.department := null;
    perform add_step(last);
    perform tell_supervision(s, last.at, 'supervision_overdue', 'staff', null, last.owner) where last.owner is not null;
    perform tell_supervision(s, last.at, 'supervision_overdue', 'supervisor', null, null) where not is_supervisor(s.community, last.owner);
    if last.status = 'rectifying' then
        perform tell_supervision(s, last.at, 'supervision_overdue', audience_of(s.community, ordered_of(s)), ordered_of(s), null);
    end if;
end $$;

-- One batch of the clock.
create function settle_supervisions(batch integer, out settled integer) language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    moment timestamptz := wall_now();
    late record;
    s wall.supervision;
begin
    settled := 0;
    for late in select t.community, t.supervision from wall.supervision_timer t where t.due < moment order by t.due limit batch loop
        select * into s from wall.supervision x where x.community = late.community and x.supervision = late.supervision for update skip locked;
        continue when not found;
        perform settle_supervision(s, moment);
        settled := settled + 1;
    end loop;
end $$;

create function know_due(due timestamptz, at timestamptz) returns timestamptz language plpgsql as $$
begin
    if due <= at then
        perform refuse_field('/due', 'is in the past');
    end if;
    return due;
end $$;

create function know_staff(of_community text, pointer text, of_staff uuid) returns uuid language plpgsql as $$
begin
    perform from wall.staff x where x.community = of_community and x.staff = of_staff and x.active;
    if not found and of_staff is not null then
        perform refuse_field(pointer, 'there is nobody of this id');
    end if;
    return of_staff;
end $$;

-- Exactly what the subject says is named, and exists.
create function know_subject(s wall.supervision) returns void language plpgsql as $$
declare
    one text;
    is_there boolean;
begin
    foreach one in array '{complaint,cluster,department}'::text[] loop
        if (one = s.subject) <> (to_jsonb(s)->>one is not null) then
            perform refuse_field('/' || one, case when one = s.subject then 'is required' else 'is not the subject' end);
        end if;
    end loop;
    is_there := case s.subject
        when 'complaint' then exists (select from wall.complaint c where c.community = s.community and c.complaint = s.complaint)
        when 'cluster' then exists (select from wall.cluster k where k.community = s.community and k.cluster = s.cluster)
        else exists (select from wall.department d where d.community = s.community and d.department = s.department) end;
    if not is_there then
        perform refuse_field('/' || s.subject, 'there is no such ' || s.subject);
    end if;
end $$;

-- Somebody leaves the service: the steps that are his are the successor's, or where none is named nobody's, so that all supervisors hear of them.
-- Due stays due.
create function pass_on_supervision(of_community text, of_staff uuid, successor uuid, who caller) returns void
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    s wall.supervision;
    a wall.supervision_act;
    moment timestamptz;
begin
    perform know_staff(of_community, '/successor', successor);
    for s in select x.* from wall.supervision x
             where x.community = of_community and x.supervision in (
                 select k.supervision from wall.supervision_act k where k.community = of_community and k.owner = of_staff)
             order by x.supervision for update loop
        moment := wall_now();
        perform settle_supervision(s, moment);
        a := standing(s);
        continue when a.owner is distinct from of_staff or steps_of(a.status, '{system}') = '{}';
        a := row(of_community, s.supervision, a.seq + 1, a.status, greatest(moment, a.at), who.actor, successor, a.due, null, 'pass_on', null);
        perform add_step(a);
        perform tell_supervision(s, a.at, 'supervision_passed_on', case when successor is null then 'supervisor' else 'staff' end, null, successor);
    end loop;
end $$;

create function open_supervision(of_community text, who caller, input jsonb, new_id uuid, scope bytea, body_hash bytea, out body text, out version integer,
                                 out location text)
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    moment timestamptz := wall_now();
    s wall.supervision := jsonb_populate_record(null::wall.supervision, input);
    earlier uuid := made_before(of_community, scope, body_hash, new_id);
begin
    if earlier is null then
        s.community := of_community;
        s.supervision := new_id;
        s.rule := 'by_hand';
        s.status := 'screened';
        s.opened := moment;
        s.author := who.actor;
        s.due := know_due(s.due, moment);
        perform know_subject(s);
        s.department := coalesce(s.department, (select c.department from wall.complaint c where c.community = of_community and c.complaint = s.complaint));
        insert into wall.supervision values (s.*);
        perform add_step(row(of_community, new_id, 1, 'screened', moment, who.actor, who.actor, s.due, s.text, 'screen', null)::wall.supervision_act);
        perform tell_supervision(s, moment, 'supervision', audience_of(of_community, s.department), s.department, null, '{"rule": "by_hand"}')
        where s.department is not null;
    end if;
    select k.body, k.version into body, version from show_supervision(of_community, coalesce(earlier, new_id), who) k;
    location := '/v1/supervision/' || coalesce(earlier, new_id);
end $$;

-- What a step changes beside the status.
create function plan_step(s wall.supervision, last wall.supervision_act, action text, who caller, input jsonb, moment timestamptz) returns wall.supervision_act
language plpgsql as $$
declare
    a wall.supervision_act := row(s.community, s.supervision, last.seq + 1, last.status, moment, who.actor, coalesce(last.owner, who.actor), last.due,
                                  input->>'text', action, null);
begin
    a.status := (select t.target from supervision_step t where t.action = plan_step.action and t.source = last.status);
    case action
        when 'verify' then
            a.owner := coalesce(know_staff(s.community, '/owner', (input->>'owner')::uuid), who.actor);
            a.due := know_due((input->>'due')::timestamptz, moment);
        when 'order' then
            a.department := (input->>'department')::uuid;
            a.due := know_due((input->>'due')::timestamptz, moment);
            perform from wall.department d where d.community = s.community and d.department = a.department and d.active;
            if not found then
                perform refuse_field('/department', 'there is no such department', 'unknown_department');
            end if;
        when 'feedback' then
            a.due := moment + (policy_at(s.community, moment)).reply;   -- the owner owes a look at it
        when 'confirm', 'dismiss' then a.due := null;
        else null;
    end case;
    return a;
end $$;

create function remind_named(s wall.supervision, a wall.supervision_act, input jsonb) returns void language plpgsql as $$
declare
    named uuid[] := array(select distinct k::uuid from jsonb_array_elements_text(input->'staff') as k);
begin
    if cardinality(named) = 0 then
        perform refuse_field('/staff', 'is empty');
    end if;
    perform know_staff(s.community, '/staff', k) from unnest(named) as k;
    insert into wall.supervision_reminder
    select s.community, made_id(a.at), s.supervision, a.seq, k, (input->>'level')::integer, a.at from unnest(named) as k;
    perform tell_supervision(s, a.at, 'supervision_reminder', 'staff', null, k, jsonb_build_object('level', input->'level')) from unnest(named) as k;
end $$;

create function tell_step(s wall.supervision, a wall.supervision_act, who caller) returns void language plpgsql as $$
declare
    concerned uuid := coalesce(ordered_of(s), s.department);
begin
    case
        when a.action = 'order' then perform tell_supervision(s, a.at, 'supervision_order', audience_of(s.community, a.department), a.department, null);
        when a.action = 'verify' and a.owner <> who.actor then perform tell_supervision(s, a.at, 'supervision', 'staff', null, a.owner);
        when a.action = 'feedback' then
            perform tell_supervision(s, a.at, 'supervision_feedback', 'staff', null, a.owner) where a.owner <> who.actor;
            perform tell_supervision(s, a.at, 'supervision_feedback', 'supervisor', null, null)
            where not (is_supervisor(s.community, a.owner) or is_supervisor(s.community, who.actor));
        when a.action in ('confirm', 'dismiss') and concerned is not null then
            perform tell_supervision(s, a.at, 'supervision_closed', audience_of(s.community, concerned), concerned, null);
        else null;
    end case;
end $$;

-- Visible, permitted, allowed now: in this order.
create function act_on_supervision(of_community text, of_supervision uuid, who caller, action text, of_version integer, input jsonb, scope bytea, body_hash bytea,
                                   out body text, out version integer)
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    earlier uuid := made_before(of_community, scope, body_hash, of_supervision);
    s wall.supervision;
    last wall.supervision_act;
    planned wall.supervision_act;
    mine text[];
    moment timestamptz;
begin
    select * into s from wall.supervision x where x.community = of_community and x.supervision = of_supervision for update;
    mine := supervision_relations(s, who);
    if mine = '{}' then
        perform refuse('not_found');
    elsif not exists (select from supervision_step t where t.action = act_on_supervision.action and t.doers && mine) then
        perform refuse('not_permitted');
    end if;
    if earlier is null then
        moment := wall_now();
        perform settle_supervision(s, moment);
        last := standing(s);
        moment := greatest(moment, last.at);
        perform know_version(of_version, last.seq);
        if not action = any(steps_of(last.status, mine)) then
            perform refuse('not_allowed_now', jsonb_build_object('allowed', steps_of(last.status, mine)));
        end if;
        planned := add_step(plan_step(s, last, action, who, input, moment));
        if action = 'remind' then
            perform remind_named(s, planned, input);
        end if;
        perform tell_step(s, planned, who);
    end if;
    select k.body, k.version into body, version from show_supervision(of_community, of_supervision, who) k;
end $$;

-- Whoever was reminded says that he has read it.
create function acknowledge(of_community text, of_reminder uuid, who caller, out body text)
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
begin
    insert into wall.supervision_acknowledgement
    select r.community, r.reminder, greatest(wall_now(), r.at) from wall.supervision_reminder r
    where r.community = of_community and r.reminder = of_reminder and r.staff = who.actor
    on conflict do nothing;
    select reminder_json(r) into body from wall.supervision_reminder r
    where r.community = of_community and r.reminder = of_reminder and r.staff = who.actor;
    if body is null then
        perform refuse('not_found');
    end if;
end $$;

-- Showing

create function reminder_json(r wall.supervision_reminder) returns text language plpgsql stable as $$
begin
    return (select json_build_object(
                'id', r.reminder, 'supervision', r.supervision, 'staff', staff_word(r.community, r.staff), 'level', r.level, 'at', instant(r.at),
                'text', a.text, 'by', staff_word(r.community, a.author), 'acknowledged', (
                    select instant(k.at) from wall.supervision_acknowledgement k where k.community = r.community and k.reminder = r.reminder))::text
            from wall.supervision_act a where a.community = r.community and a.supervision = r.supervision and a.seq = r.seq);
end $$;

create function steps_json(s wall.supervision) returns text language plpgsql stable as $$
begin
    return (select json_list(string_agg(json_build_object(
                'seq', a.seq, 'action', a.action, 'status', a.status, 'at', instant(a.at), 'by', staff_word(a.community, a.author),
                'owner', staff_word(a.community, a.owner), 'due', instant(a.due), 'department', department_word(a.community, a.department), 'text', a.text,
                'reminders', (
                    select json_list(string_agg(reminder_json(r), ',' order by r.reminder))::json from wall.supervision_reminder r
                    where r.community = a.community and r.supervision = a.supervision and r.seq = a.seq))::text, ',' order by a.seq))
            from wall.supervision_act a where a.community = s.community and a.supervision = s.supervision);
end $$;

create function supervision_entry(s wall.supervision, who caller) returns text language plpgsql stable as $$
declare
    last wall.supervision_act := standing(s);
begin
    return json_build_object(
        'id', s.supervision, 'subject', s.subject, 'rule', s.rule, 'text', s.text, 'opened', instant(s.opened), 'by', staff_word(s.community, s.author),
        'complaint', (select json_build_object('id', c.complaint, 'number', c.number) from wall.complaint c
                      where c.community = s.community and c.complaint = s.complaint),
        'cluster', s.cluster, 'department', department_word(s.community, s.department), 'ordered', department_word(s.community, ordered_of(s)),
        'status', last.status, 'owner', staff_word(s.community, last.owner), 'due', instant(last.due), 'overdue', coalesce(last.due < wall_now(), false),
        'actions', steps_of(last.status, supervision_relations(s, who)))::text;
end $$;

-- Its version is the number of its last step.
create function show_supervision(of_community text, of_supervision uuid, who caller, out body text, out version integer) language plpgsql stable as $$
declare
    s wall.supervision;
begin
    select * into s from wall.supervision x where x.community = of_community and x.supervision = of_supervision;
    if supervision_relations(s, who) = '{}' then
        return;
    end if;
    body := left(supervision_entry(s, who), -1) || ',"acts":' || steps_json(s) || '}';
    version := (standing(s)).seq;
end $$;

create function list_supervision(of_community text, who caller, of_status text, of_subject text, of_department uuid, size integer, after_key timestamptz,
                                 after_id uuid) returns page language plpgsql stable as $$
begin
    return (select page_of(array_agg(k.opened::text), array_agg(k.supervision), array_agg(supervision_entry(k.s, who)), size) from (
        select s.opened, s.supervision, s from wall.supervision s
        where s.community = of_community and (of_subject is null or s.subject = of_subject)
          and (of_department is null or concerns(s, of_department)) and (of_status is null or s.status = of_status)
          and supervision_relations(s, who) <> '{}'
          and (s.opened, s.supervision) < (coalesce(after_key, 'infinity'), coalesce(after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
        order by s.opened desc, s.supervision desc limit size + 1) as k);
end $$;

-- What somebody was reminded of, newest first; `open`: not acknowledged yet.
create function list_reminders(of_community text, who caller, is_open boolean, size integer, after_key timestamptz, after_id uuid) returns page
language plpgsql stable as $$
begin
    return (select page_of(array_agg(at::text), array_agg(reminder), array_agg(reminder_json(k.r)), size) from (
        select r.at, r.reminder, r from wall.supervision_reminder r
        where r.community = of_community and r.staff = who.actor
          and (is_open is null or is_open <> exists (select from wall.supervision_acknowledgement a where a.community = r.community and a.reminder = r.reminder))
          and (r.at, r.reminder) < (coalesce(after_key, 'infinity'), coalesce(after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
        order by r.at desc, r.reminder desc limit size + 1) as k);
end $$;

-- On a complaint, for the staff.
create function supervisions_json(c wall.complaint) returns text language plpgsql stable as $$
begin
    return (select json_list(string_agg(json_build_object('id', s.supervision, 'status', (standing(s)).status)::text, ',' order by s.opened, s.supervision))
            from wall.supervision s where s.community = c.community and s.complaint = c.complaint);
end $$;
