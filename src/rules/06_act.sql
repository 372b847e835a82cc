-- What people do to a complaint. act() is the one door: taken up, permitted, then the action's own part, then shown as it is now.

create function actor_kind(who caller, relations text[]) returns text language sql immutable as $$
    select case when 'reporter' = any(relations) then 'reporter' when 'supporter' = any(relations) then 'supporter' else who.role end
$$;

-- The actor as events name it: staff, never a reporter.
create function actor_of(who caller) returns uuid language sql immutable as $$
    select case when who.role in ('officer', 'dispatcher', 'visitor', 'supervisor', 'admin') then who.actor end
$$;

create function know_department(c wall.complaint, input jsonb) returns uuid language plpgsql as $$
declare
    target uuid;
begin
    select department into target from wall.department d
    where d.community = c.community and d.department = (input->>'department')::uuid and d.active;
    if target is null and input->>'department' is not null then
        perform refuse_field('/department', 'there is no such department', 'unknown_department');
    end if;
    return target;
end $$;

create function know_category(c wall.complaint, input jsonb) returns text language plpgsql as $$
begin
    perform from wall.category where community = c.community and code = input->>'category';
    if not found and input->>'category' is not null then
        perform refuse_field('/category', 'there is no such category', 'unknown_category');
    end if;
    return input->>'category';
end $$;

-- A day within reach: today at the earliest, `days` ahead at the latest, in the community's days.
create function know_day(c wall.complaint, at timestamptz, pointer text, day date, days integer) returns void language plpgsql as $$
declare
    today date := (at at time zone zone_of(c.community))::date;
begin
    if day < today or day > today + days then
        perform refuse_field(pointer, format('is not between %s and %s', today, today + days));
    end if;
end $$;

-- Its id bears the hour alone: the reporter may yet ask that others see no more.
create function add_message(c wall.complaint, at timestamptz, who caller, mine text[], kind text, words text) returns void language plpgsql as $$
begin
    if words is not null then
        insert into wall.message
        values (c.community, c.complaint, made_id(date_trunc('hour', at, 'UTC')), kind, actor_kind(who, mine), actor_of(who), at, words);
    end if;
end $$;

-- `shown`: the input as the public may read it.
create function add_reply(c wall.complaint, at timestamptz, who caller, kind text, input jsonb, shown jsonb, counts boolean default true)
returns void language plpgsql as $$
begin
    if coalesce(input->>'public_text', input->>'private_text') is null then
        perform refuse_field('/public_text', 'one of public_text and private_text is required');
    end if;
    insert into wall.reply (community, complaint, reply, kind, department, author, round, at, public_text, private_text, masked, promised, counts, corrects)
    values (c.community, c.complaint, made_id(at), kind, c.department, who.actor, c.round, at, input->>'public_text', input->>'private_text',
            nullif(shown->>'public_text', input->>'public_text'), (input->>'promised')::date, counts, case when kind = 'correct' then (
                select r.reply from wall.reply r where r.community = c.community and r.complaint = c.complaint and r.kind in ('answer', 'correct')
                order by r.seq desc limit 1) end);
end $$;

create function words_of(input jsonb) returns text language plpgsql immutable as $$
begin
    return nullif(concat_ws(E'\n', input->>'public_text', input->>'private_text', input->>'text', input->>'reason', input->>'plan',
                            input->>'public_reason', input->>'comment'), '');
end $$;

-- assign, reassign, return: the case goes to another department. `assign` of a case that has a department already is a reassign.
create function hand_over(inout c wall.complaint, at timestamptz, action text, who caller, input jsonb) language plpgsql as $$
declare
    target uuid := know_department(c, input);
    category text := know_category(c, input);
begin
    if action <> 'return' and target = c.department and c.status <> 'submitted' then
        perform refuse_field('/department', 'holds it already');
    end if;
    if action <> 'return' and target = dispatch_office(c.community) then
        perform refuse_field('/department', 'the dispatch office cannot be assigned to');
    end if;
    c := move(c, at, action, who.role, who.actor,
              jsonb_build_object('department', case when action = 'return' then dispatch_office(c.community) else target end, 'category', category),
              jsonb_build_object('from', c.department, 'department', target, 'category', category), words_of(input));
    perform note_category(c, at, category);
end $$;

create function note_category(c wall.complaint, at timestamptz, category text) returns void language plpgsql as $$
begin
    if category is not null then
        insert into wall.classification (community, complaint, classification, at, by, category)
        values (c.community, c.complaint, gen_random_uuid(), at, 'dispatcher', note_category.category);
    end if;
end $$;

-- An input as the public may read it: with what C has masked of it.
create function shown_input(input jsonb, reading jsonb) returns jsonb language sql immutable as $$
    select input || coalesce(reading->'masked', '{}')
$$;

-- The reply in what an action says. What is said to spam is said to its sender alone.
create function reply_of(action text, input jsonb) returns jsonb language plpgsql immutable as $$
begin
    return case action
        when 'ask' then jsonb_build_object('public_text', input->>'text')
        when 'reject' then jsonb_build_object(case when input->>'reason' = 'spam' then 'private_text' else 'public_text' end,
                                              concat_ws(E'\n', input->>'text', input->>'elsewhere'))
        else input end;
end $$;

-- Spam and abuse are shown to nobody from that moment on; spam need not be answered.
create function reject(inout c wall.complaint, at timestamptz, who caller, input jsonb, reading jsonb) language plpgsql as $$
declare
    reason text := input->>'reason';
begin
    if input->>'text' is null and reason <> 'spam' then
        perform refuse_field('/text', 'is required');
    end if;
    if coalesce(input->>'text', input->>'elsewhere') is not null then
        perform add_reply(c, at, who, 'reject', reply_of('reject', input), reply_of('reject', shown_input(input, reading)));
    end if;
    c := move(c, at, 'reject', who.role, who.actor,
              jsonb_build_object('result', reason) || case when reason in ('spam', 'abusive') then '{"publication": "hidden"}' else '{}' end::jsonb,
              jsonb_build_object('reason', reason), words_of(input));
end $$;

create function reply_to(inout c wall.complaint, at timestamptz, action text, who caller, input jsonb, reading jsonb) language plpgsql as $$
declare
    after_answer boolean := c.status in ('answered', 'closed');     -- which counts, whatever is said now
    faults text[] := case when reading ? 'hollow' then guard_faults(reading->'hollow', policy_of(c.community, c.policy)) end;
begin
    if after_answer then
        faults := array_remove(faults, 'copied');                   -- it resembles what it corrects
    end if;
    if cardinality(faults) > 0 and not coalesce((input->>'insist')::boolean, false) then
        perform warn_of(faults, case when input->>'public_text' is null then '/private_text' else '/public_text' end);
    elsif cardinality(faults) > 0 and not after_answer then
        c := hold_back(c, at, who, input, reading, faults);
        return;
    end if;
    perform add_reply(c, at, who, action, reply_of(action, input), reply_of(action, shown_input(input, reading)), coalesce(cardinality(faults), 0) = 0);
    perform note_reading(c, at, reading, input);
    if action = 'answer' and c.status = 'ledgered' then
        perform claim_ledger_done(c, at, who.actor, words_of(input));
    end if;
    if action = 'interim' then
        perform know_day(c, at, '/promised', (input->>'promised')::date, (policy_of(c.community, c.policy)).promise_days);
    end if;
    c := move(c, at, action, who.role, who.actor, '{}', jsonb_strip_nulls(jsonb_build_object('promised', input->>'promised', 'faults', to_jsonb(nullif(faults, '{}')))), words_of(input));
end $$;

-- redo: a follower's redo takes up its master again; the follower itself only says so.
create function redo(inout c wall.complaint, at timestamptz, who caller, mine text[], input jsonb) language plpgsql as $$
declare
    master wall.complaint;
begin
    if c.status = 'merged' then
        select * into master from wall.complaint m where m.community = c.community and m.complaint = c.master;
        perform move(master, at, way_back(master, at), 'reporter', null, taken_up_again(master), jsonb_build_object('by', c.complaint));
    end if;
    perform add_message(c, at, who, mine, 'redo', input->>'reason');
    c := move(c, at, 'redo', actor_kind(who, mine), actor_of(who), '{}', '{}', input->>'reason');
end $$;

-- What it changes beside the status that a reporter objects to the rejection of a case, or has it opened again.
create function taken_up_again(c wall.complaint) returns jsonb language plpgsql stable as $$
begin
    return case c.status
        when 'closed' then '{"by_reporter": true}'
        when 'rejected' then jsonb_build_object('department', dispatch_office(c.community))
            || case when is_unfit(c) then '{"publication": "pending"}' else '{}' end::jsonb
        else '{}' end;
end $$;

create function merge(inout c wall.complaint, at timestamptz, who caller, input jsonb) language plpgsql as $$
declare
    target wall.complaint;
begin
    select * into target from wall.complaint m where m.community = c.community and m.complaint = (input->>'into')::uuid;
    if target.complaint is null or target.complaint = c.complaint then
        perform refuse_field('/into', 'there is no such other complaint');
    end if;
    if target.status = 'merged' then
        perform refuse_field('/into', 'is merged itself');
    end if;
    if target.status in ('rejected', 'withdrawn') then
        perform refuse_field('/into', 'is ' || target.status);
    end if;
    if target.status = 'closed' and way_back(target, at) is null then
        perform refuse_field('/into', 'is closed for good');
    end if;
    c := move(c, at, 'merge', who.role, who.actor, jsonb_build_object('master', target.complaint), jsonb_build_object('into', target.complaint));
    if target.first_reply is not null then
        c := take_masters_reply(c, at, target.answered is not null);
    end if;
end $$;

-- Once, and of `resolve` only; the original deadline stays, void from the moment of the approval.
create function request_extension(inout c wall.complaint, at timestamptz, who caller, input jsonb) language plpgsql as $$
begin
    perform know_day(c, at, '/until', (input->>'until')::date, 365);
    if end_of_day((input->>'until')::date, zone_of(c.community)) <= (
        select max(due) from wall.deadline d where d.community = c.community and d.complaint = c.complaint and d.kind = 'resolve') then
        perform refuse_field('/until', 'is not later than the deadline there is');
    end if;
    insert into wall.extension values (c.community, c.complaint, made_id(at), who.actor, at, (input->>'until')::date, input->>'reason');
    c := move(c, at, 'request_extension', who.role, who.actor, '{}', jsonb_build_object('until', input->>'until'), words_of(input));
end $$;

create function approve_extension(inout c wall.complaint, at timestamptz, who caller) language plpgsql as $$
declare
    until date := (select x.until from wall.extension x where x.community = c.community and x.complaint = c.complaint);
begin
    if end_of_day(until, zone_of(c.community)) <= at then
        perform refuse_field('/until', 'the day that was asked for has passed');
    end if;
    c := move(c, at, 'approve_extension', who.role, who.actor, '{}', jsonb_build_object('until', until));
    perform open_deadlines(c, at, '{resolve}', jsonb_build_object('until', until));
end $$;

-- The emergency path has its own ladder; what it has passed already is reminded of at once.
create function set_urgent(inout c wall.complaint, at timestamptz, who caller, input jsonb) language plpgsql as $$
begin
    c := move(c, at, 'urgent', who.role, who.actor, jsonb_build_object('urgent', (input->>'urgent')::boolean), input);
    update wall.timer t set due = next_step(c, t.deadline, t.level, t.breached, policy_of(c.community, c.policy), at)
    where t.community = c.community and t.complaint = c.complaint and t.kind = 'reply';
end $$;

-- The reporter's rating and that of a supporter who is signed in count, and stand for a visit; an anonymous supporter's is kept and shown.
create function rate(inout c wall.complaint, at timestamptz, who caller, mine text[], input jsonb) language plpgsql as $$
declare
    of_support uuid := support_of(c, who);
    counts boolean := of_support is null or who.role = 'resident';
begin
    insert into wall.rating
    values (c.community, c.complaint, c.round, c.department, at, (input->>'stars')::integer, input->>'solved', input->>'comment', of_support, counts);
    c := move(c, at, 'rating', actor_kind(who, mine), null, '{}', jsonb_build_object('stars', input->'stars', 'solved', input->'solved'), input->>'comment');
    if counts then
        perform end_deadlines(c, at, '{followup}', '{}');
    end if;
end $$;

-- A visit that reached somebody meets the deadline; so do three failed tries.
create function visit(inout c wall.complaint, at timestamptz, who caller, input jsonb) language plpgsql as $$
begin
    insert into wall.followup
    values (c.community, c.complaint, made_id(at), c.round, who.actor, c.department, at, input->>'channel', (input->>'reached')::boolean,
            (input->>'contacted')::boolean, input->>'solved', (input->>'stars')::integer, input->>'comment');
    perform note_second_visit(c);
    c := move(c, at, 'visits', who.role, who.actor, '{}', input - 'comment', input->>'comment');
    if (input->>'reached')::boolean or 3 <= (
        select count(*) from wall.followup f where f.community = c.community and f.complaint = c.complaint and f.round = c.round and not f.reached) then
        perform end_deadlines(c, at, '{followup}', '{}');
    end if;
end $$;

create function join_department(inout c wall.complaint, at timestamptz, who caller, input jsonb) language plpgsql as $$
declare
    target uuid := know_department(c, input);
begin
    if target = c.department or exists (select from wall.holding h where h.community = c.community and h.complaint = c.complaint
                                        and h.department = target and h.kind = 'assist') then
        perform refuse_field('/department', 'takes part already');
    end if;
    c := move(c, at, 'join', who.role, who.actor, jsonb_build_object('assistant', target), jsonb_build_object('department', target));
end $$;

-- `reading`: what C has read out of the texts of the input (include/http/reading.h).
create function do_action(inout c wall.complaint, at timestamptz, action text, who caller, mine text[], input jsonb, reading jsonb) language plpgsql as $$
declare
    reporter boolean := 'reporter' = any(mine);
begin
    if reading ? 'exposed' then
        perform refuse_field(reading->>'exposed', 'holds the name or the phone number of the reporter', 'names_reporter');
    end if;
    case
        when action in ('assign', 'reassign', 'return') then c := hand_over(c, at, action, who, input);
        when action in ('answer', 'interim', 'ask', 'correct') then c := reply_to(c, at, action, who, input, reading);
        when action = 'reject' then c := reject(c, at, who, input, reading);
        when action = 'accept_reply' then c := accept_reply(c, at, who, mine);
        when action = 'redo' then c := redo(c, at, who, mine, input);
        when action = 'merge' then c := merge(c, at, who, input);
        when action = 'join' then c := join_department(c, at, who, input);
        when action = 'rating' then c := rate(c, at, who, mine, input);
        when action = 'visits' then c := visit(c, at, who, input);
        when action = 'urgent' then c := set_urgent(c, at, who, input);
        when action = 'request_ledger' then c := request_ledger(c, at, who, input, reading);
        when action = 'approve_ledger' then c := approve_ledger(c, at, who);
        when action = 'end_ledger' then c := end_ledger(c, at, who.actor);
        when action = 'ledger_votes' then c := vote_on_ledger(c, at, who, mine, input);
        when action = 'milestones' then c := add_milestone(c, at, who, input, reading);
        when action = 'request_extension' then c := request_extension(c, at, who, input);
        when action = 'approve_extension' then c := approve_extension(c, at, who);
        when action = 'notes' then
            insert into wall.note values (c.community, c.complaint, made_id(at), who.actor, at, input->>'text');
            c := move(c, at, action, who.role, who.actor, '{}', '{}', input->>'text');
        when action = 'privacy' then c := become_private(c, at, input);
        when action = 'classify' then
            c := move(c, at, action, who.role, who.actor, jsonb_build_object('category', know_category(c, input)), input);
            perform note_category(c, at, input->>'category');
        when action = 'object' then
            perform add_message(c, at, who, mine, action, words_of(input));
            c := move(c, at, action, actor_kind(who, mine), null, taken_up_again(c), '{}', words_of(input));
        else
            -- accept, confirm, supply, reopen, withdraw, urge, unmerge, publish, hide, messages: a change of state, and words if there are any
            perform add_message(c, at, who, mine, case action when 'messages' then 'message' else action end, words_of(input));
            c := move(c, at, action, actor_kind(who, mine), actor_of(who),
                      jsonb_strip_nulls(jsonb_build_object(
                          'publication', case action when 'publish' then 'published' when 'hide' then 'hidden' end,
                          'result', case action when 'confirm' then 'confirmed' end,
                          'by_reporter', case when reporter then true end)),
                      '{}', words_of(input));
    end case;
end $$;

create function act(of_community text, of_complaint uuid, who caller, action text, of_version integer, input jsonb, scope bytea, body_hash bytea,
                    reading jsonb default '{}', out body text, out version integer, out location text)
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    taken record;
    c wall.complaint;
    mine text[];
    earlier uuid := made_before(of_community, scope, body_hash, of_complaint);
begin
    select * into taken from take_up(of_community, of_complaint, (input->>'into')::uuid);
    c := taken.c;
    if action = 'assign' and c.status = 'assigned' then
        action := 'reassign';
    end if;
    if earlier is null then
        mine := may(c, taken.at, action, who, of_version);
        c := do_action(c, taken.at, action, who, mine, input, reading);
    end if;
    if action <> 'privacy' or earlier is not null then  -- whoever has just become anonymous still hears that he has
        mine := relations(c, who);
    end if;
    body := complaint_json(c, who, mine);
    version := c.version;
    location := '/v1/complaints/' || c.complaint;
end $$;
