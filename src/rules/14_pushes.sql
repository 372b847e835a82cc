-- Pushes: who is told what, and how what is told becomes deliveries. The outbox thread calls pass_on() for what `outbox` holds, feed_hooks() for
-- the events that webhooks follow, claim_deliveries() for what is due, settle_delivery() for what came of it.

-- Whose channels an audience is, beside those told in person.
create table audience_role (audience text primary key, role text not null, own_department boolean not null);
insert into audience_role values
    ('officers', 'officer', true), ('dispatchers', 'dispatcher', false), ('visitors', 'visitor', false), ('supervisor', 'supervisor', false),
    ('head', 'supervisor', false), ('admins', 'admin', false);

create function department_told(o wall.outbox) returns uuid language plpgsql stable as $$
begin
    return case when o.audience = 'officers' then o.department when o.audience in ('dispatchers', 'head') then dispatch_office(o.community) end;
end $$;

create function is_told(h wall.hook, event text) returns boolean language sql immutable as $$
    select h.active and (h.events is null or event = any(h.events))
$$;

-- The receiver that a phone is: made when it is first told something.
create function phone_hook(o wall.outbox, moment timestamptz) returns wall.hook language plpgsql as $$
declare
    h wall.hook;
begin
    insert into wall.hook (community, hook, kind, name, resident, phone_hash, created)
    values (o.community, gen_random_uuid(), 'sms', 'sms', o.resident, o.phone_hash, moment)
    on conflict (community, phone_hash) where phone_hash is not null do nothing;
    select * into h from wall.hook x where x.community = o.community and x.phone_hash = o.phone_hash;
    return h;
end $$;

-- Everybody who hears of this message.
create function receivers_of(o wall.outbox, by_sms boolean, moment timestamptz) returns setof wall.hook language plpgsql as $$
declare
    told uuid := department_told(o);
    h wall.hook;
begin
    if o.phone_hash is not null and o.sealed is not null and by_sms then
        h := phone_hook(o, moment);
        if o.event = 'code' or is_told(h, o.event) then
            return next h;
        end if;
    end if;
    return query select x.* from wall.hook x
        where x.community = o.community and x.resident = o.resident and x.phone_hash is null and is_told(x, o.event);
    return query select x.* from wall.hook x where x.community = o.community and x.department = told and is_told(x, o.event);
    return query select x.* from wall.hook x join wall.staff s using (community, staff) left join audience_role r on r.audience = o.audience
        where x.community = o.community and x.staff is not null and is_told(x, o.event) and s.active
          and (s.staff = o.staff or o.staff is null and s.role = r.role and (not r.own_department or s.department = o.department));
end $$;

-- A code is worth nothing after ten minutes, and after the cutoff nobody clears the day; what people could not be told for three days they need not
-- hear any more.
create function fan_out(o wall.outbox, by_sms boolean, moment timestamptz) returns void language plpgsql as $$
declare
    told uuid[];
begin
    with made as (
        insert into wall.delivery (community, delivery, hook, message, event, audience, at, complaint, payload, sealed, sealed_for, urgent, due, expires)
        select o.community, gen_random_uuid(), r.hook, format('msg_%s_m%s', o.community, o.outbox), o.event, o.audience, o.at, o.complaint,
               o.payload::json,
               case when r.phone_hash is not null then o.sealed end, case when r.phone_hash is not null then o.sealed_for end,
               coalesce((o.payload->>'urgent')::boolean, false) or o.event = 'code', moment,
               case when o.event = 'code' then o.at + interval '10 minutes' else coalesce((o.payload->>'cutoff')::timestamptz, moment + interval '3 days') end
        from receivers_of(o, by_sms, moment) as r
        returning hook
    )
    select array_agg(hook) into told from made;
    -- By itself: a statement does not see the receivers that a function it calls has made.
    update wall.hook h set due = least(h.due, moment) where h.community = o.community and h.hook = any(told);
end $$;

-- One message that cannot be fanned out must not hold up all others: it is looked at again in a minute, and the database's log says why.
create function fans_out(o wall.outbox, by_sms boolean, moment timestamptz) returns boolean language plpgsql as $$
begin
    perform fan_out(o, by_sms, moment);
    return true;
exception when others then
    raise warning 'message % of % cannot be fanned out: %', o.outbox, o.community, sqlerrm;
    update wall.outbox x set due = moment + interval '1 minute', failure = 'cannot be fanned out' where x.community = o.community and x.outbox = o.outbox;
    return false;
end $$;

-- A batch of what is told becomes deliveries, the first time it is taken; where there is a file for it, it is this server's for a minute, to be
-- written there. One server at a time, so that a receiver gets messages in their order.
create function pass_on(batch integer, to_file boolean, by_sms boolean) returns setof wall.outbox language plpgsql as $$
declare
    o wall.outbox;
    moment timestamptz := wall_now();
begin
    if not pg_try_advisory_xact_lock(311, 5) then
        return;
    end if;
    for o in select * from wall.outbox x where x.sent is null and x.due <= moment order by x.due, x.outbox limit batch for update skip locked loop
        if o.tries = 0 and not fans_out(o, by_sms, moment) then
            continue;
        end if;
        update wall.outbox x set tries = x.tries + 1, due = moment + interval '1 minute', sent = case when not to_file then moment end,
            sealed = case when to_file then x.sealed end, sealed_for = case when to_file then x.sealed_for end,
            resident = case when to_file then x.resident end, phone_hash = case when to_file then x.phone_hash end
        where x.community = o.community and x.outbox = o.outbox;
        if to_file then
            return next o;
        end if;
    end loop;
end $$;

-- Events

-- What stands in the stream after a place in it. An event that is not older than every transaction under way is not shown yet: else one that
-- commits late would be skipped for ever.
create function events_after(of_community text, after_xid xid8, after_seq bigint, batch integer) returns setof wall.event language plpgsql stable as $$
begin
    return query
        select * from wall.event e
        where e.community = of_community and (e.xid, e.seq) > (after_xid, after_seq) and e.xid < stream_settled()
        order by e.xid, e.seq limit batch;
end $$;

create function cursor_text(xid xid8, seq bigint) returns text language sql immutable as $$
    select xid || '-' || seq
$$;

create function department_word(of_community text, of_department uuid) returns json language plpgsql stable as $$
begin
    return (select json_build_object('id', department, 'code', code, 'name', name) from wall.department
            where community = of_community and department = of_department);
end $$;

-- What a webhook says of an event: nothing that anybody wrote, and nothing of the reporter.
create function event_payload(e wall.event) returns json language plpgsql stable as $$
declare
    c wall.complaint;
begin
    select * into c from wall.complaint x where x.community = e.community and x.complaint = e.complaint;
    e.at := event_at(c, e);
    return json_build_object('type', 'complaint.' || e.action, 'timestamp', instant(e.at), 'data', json_build_object(
        'community', e.community, 'cursor', cursor_text(e.xid, e.seq), 'complaint', e.complaint, 'number', c.number, 'action', e.action, 'at', instant(e.at),
        'actor_kind', e.actor_kind, 'status', e.status, 'turn', e.turn, 'department', department_word(e.community, e.department),
        'category', c.category, 'urgent', c.urgent, 'details', e.data - 'receipt'));
end $$;

-- The end of the stream as it is now: where a new webhook begins.
create function stream_end(of_community text, out xid xid8, out seq bigint) language plpgsql stable as $$
begin
    select e.xid, e.seq into xid, seq from wall.event e
    where e.community = of_community and e.xid < stream_settled() order by e.xid desc, e.seq desc limit 1;
    xid := coalesce(xid, '0');
    seq := coalesce(seq, 0);
end $$;

-- One webhook reads on; with a hundred waiting it has read enough. How many events it has read.
create function feed_hook(h wall.hook, moment timestamptz) returns integer language plpgsql as $$
declare
    batch constant integer := 100;
    waiting integer := (select count(*) from (
        select from wall.delivery d where d.community = h.community and d.hook = h.hook and d.state = 'pending' limit batch) as x);
    read wall.event[];
    last wall.event;
begin
    if waiting < batch then
        read := array(select e from events_after(h.community, h.xid, h.seq, batch - waiting) as e);
    end if;
    if coalesce(cardinality(read), 0) = 0 then
        return 0;
    end if;
    insert into wall.delivery (community, delivery, hook, message, event, at, complaint, payload, due, xid, seq)
    select h.community, gen_random_uuid(), h.hook, format('msg_%s_e%s', h.community, (e).seq), (e).action, (e).at, (e).complaint, event_payload(e), moment,
           (e).xid, (e).seq
    from unnest(read) as e where h.events is null or (e).action = any(h.events) order by (e).xid, (e).seq;
    last := read[cardinality(read)];
    update wall.hook x set xid = last.xid, seq = last.seq, due = least(x.due, moment) where x.community = h.community and x.hook = h.hook;
    return cardinality(read);
end $$;

create function feed_hooks() returns integer language plpgsql as $$
declare
    h wall.hook;
    moment timestamptz := wall_now();
    events integer := 0;
begin
    for h in select * from wall.hook x where x.kind = 'webhook' and x.active order by x.community, x.hook for update skip locked loop
        events := events + feed_hook(h, moment);
    end loop;
    return events;
end $$;

-- Words

-- What is said to people of an event; {number} {day} {open} {unanswered} {hook} {level} {hours} {count} {expected} {code} stand for what the message knows.
create table push_phrase (event text primary key, zh text not null, en text not null);
insert into push_phrase values
    ('submit', '新诉求 {number} 待分派', 'Complaint {number} waits to be assigned'),
    ('assign', '新诉求 {number} 已推送到本部门', 'Complaint {number} is now your department''s'),
    ('return', '诉求 {number} 被退单，待重新分派', 'Complaint {number} was returned and waits to be assigned'),
    ('reassign', '诉求 {number} 已改派到本部门', 'Complaint {number} was passed on to your department'),
    ('join', '诉求 {number} 有部门协办', 'Another department assists with complaint {number}'),
    ('ask', '诉求 {number}：承办部门请您补充情况', 'Complaint {number}: the department asks you for more'),
    ('supply', '诉求 {number}：居民已补充情况', 'Complaint {number}: the resident has supplied what was asked'),
    ('interim', '诉求 {number}：承办部门已给出阶段性答复', 'Complaint {number} has an interim answer'),
    ('answer', '诉求 {number} 已答复，请查看并评价', 'Complaint {number} is answered; please read it and rate it'),
    ('correct', '诉求 {number} 的答复已更正', 'The answer to complaint {number} was corrected'),
    ('lapse', '诉求 {number} 已到期办结', 'Complaint {number} was closed, its time being over'),
    ('redo', '诉求 {number}：居民要求重办', 'Complaint {number} is to be done again'),
    ('reopen', '诉求 {number} 已重新打开', 'Complaint {number} was reopened'),
    ('request_ledger', '诉求 {number} 申请挂账，待审批', 'Complaint {number}: the department asks for the ledger'),
    ('approve_ledger', '诉求 {number} 已列入挂账，按计划办理', 'Complaint {number} was put on the ledger, with a plan'),
    ('end_ledger', '诉求 {number} 已结束挂账，请答复', 'Complaint {number} has left the ledger and wants an answer'),
    ('reject', '诉求 {number} 不予受理，请查看说明', 'Complaint {number} was not accepted; please read why'),
    ('object', '诉求 {number}：居民对不予受理有异议', 'The rejection of complaint {number} is objected to'),
    ('merge', '诉求 {number} 已与同类诉求合并办理', 'Complaint {number} was merged with one of the same matter'),
    ('unmerge', '诉求 {number} 已拆分，单独办理', 'Complaint {number} is by itself again'),
    ('withdraw', '诉求 {number} 已撤回', 'Complaint {number} was withdrawn'),
    ('urge', '诉求 {number}：居民催办', 'Complaint {number}: the resident urges'),
    ('urgent', '诉求 {number} 的紧急程度已变更', 'The urgency of complaint {number} has changed'),
    ('request_extension', '诉求 {number} 申请延期，待审批', 'Complaint {number}: the department asks for an extension'),
    ('promise_broken', '诉求 {number} 承诺的时间已过，请答复', 'Complaint {number}: the promised day is over'),
    ('master_replied', '诉求 {number} 有新答复', 'There is a reply to complaint {number}'),
    ('master_answered', '诉求 {number} 已答复，请查看并评价', 'Complaint {number} is answered; please read it and rate it'),
    ('messages', '诉求 {number} 有新留言', 'There is a new message about complaint {number}'),
    ('remind', '诉求 {number} 尚未答复', 'Complaint {number} is not answered yet'),
    ('digest', '今日清零前还有 {unanswered} 件未答复', '{unanswered} complaints are to be answered before today ends'),
    ('not_cleared', '{day} 未日清零：{open} 件未答复', 'Not cleared on {day}: {open} open'),
    ('supervision', '新的督办事项', 'A supervision case was opened'),
    ('supervision_passed_on', '督办事项已移交，请接手', 'A supervision case was passed on by somebody who has left'),
    ('supervision_order', '收到督办整改要求，请按期反馈', 'A supervision order wants your feedback'),
    ('supervision_feedback', '督办事项有新的反馈', 'There is feedback on a supervision case'),
    ('supervision_reminder', '督办提醒（{level} 级），请查看并确认', 'A reminder of supervision, level {level}: please acknowledge it'),
    ('supervision_overdue', '督办事项已超过办理期限', 'A step of a supervision case is overdue'),
    ('supervision_closed', '督办事项已办结', 'A supervision case was closed'),
    ('warning', '预警：近 {hours} 小时收到诉求 {count} 件，平时约 {expected} 件', 'Early warning: {count} complaints in the last {hours} hours, where {expected} are usual'),
    ('warning_grown', '预警升级：近 {hours} 小时收到诉求 {count} 件，平时约 {expected} 件', 'A burst has grown: {count} complaints in the last {hours} hours, where {expected} are usual'),
    ('hook_disabled', '推送渠道“{hook}”长期失败，已停用', 'The channel "{hook}" has failed for long and was switched off'),
    ('code', '您的验证码是 {code}，10 分钟内有效，请勿告诉他人', 'Your code is {code}. It is valid for 10 minutes; tell nobody');

create function filled(phrase text, payload json) returns text language plpgsql immutable as $$
declare
    name text;
begin
    foreach name in array '{number,day,open,unanswered,hook,level,hours,count,expected}'::text[] loop
        phrase := replace(phrase, '{' || name || '}', coalesce(payload->>name, ''));
    end loop;
    return phrase;
end $$;

-- Short: what, where, its category and due for those who owe something, where to read on. Nothing of the reporter, nothing that anybody wrote.
create function push_text(d wall.delivery, language text, base text) returns text language plpgsql stable as $$
declare
    english boolean := language = 'en';
    phrase text := (select case when english then p.en else p.zh end from push_phrase p where p.event = d.event);
    words text := filled(coalesce(phrase, case when english then 'There is news of complaint {number}' else '诉求 {number} 有新进展' end), d.payload);
    owes boolean := d.audience not in ('reporter', 'supporter', 'phone') and d.complaint is not null;
    due timestamp := (d.payload->>'reply_due')::timestamptz at time zone zone_of(d.community);
    category text := (select case when english then k.name_en else k.name end
                      from wall.category k
                      where k.community = d.community and k.code = coalesce((
                          select c.category from wall.complaint c where c.community = d.community and c.complaint = d.complaint), d.payload->>'category'));
    building text := coalesce((select b.name from wall.building b where b.community = d.community and b.code = d.payload->>'building'), d.payload->>'building');
begin
    return case when english then '[Echo Wall] ' else '【回音壁】' end
        || case when d.urgent and d.event <> 'code' then case when english then 'URGENT: ' else '紧急：' end else '' end || words
        || case when (owes or d.complaint is null) and category is not null then case when english then '. Category: ' else '。类别：' end || category else '' end
        || case when building is not null then case when english then '. Building: ' else '。楼栋：' end || building else '' end
        || case when owes and due is not null then case when english then '. Reply due: ' else '。答复期限：' end || to_char(due, 'MM-DD HH24:MI') else '' end
        || case when english then '.' else '。' end || coalesce(' ' || base || '/complaints/' || d.complaint, '');
end $$;

-- Delivering

-- When a receiver may next be disturbed: now, or when its quiet hours end. The community's own webhooks have none unless somebody chose them.
create function awake(h wall.hook, moment timestamptz) returns timestamptz language plpgsql stable as $$
declare
    p wall.policy;
begin
    if h.quiet_from is not null then
        return after_span(moment, h.quiet_from, h.quiet_until, h.quiet_until, zone_of(h.community));
    end if;
    if h.department is null and h.staff is null and h.resident is null and h.phone_hash is null then
        return moment;
    end if;
    p := policy_at(h.community, moment);
    return after_span(moment, p.quiet_from, p.quiet_until, p.quiet_until, zone_of(h.community));
end $$;

-- A group robot takes twenty messages a minute; then it has to be left alone until the oldest of them is a minute old.
create function unhurried(h wall.hook, moment timestamptz) returns timestamptz language plpgsql stable as $$
begin
    if h.kind not in ('wecom', 'dingtalk', 'feishu') then
        return moment;
    end if;
    return coalesce((
        select x.sent + interval '1 minute' from (
            select d.sent from wall.delivery d where d.community = h.community and d.hook = h.hook order by d.position desc limit 100) as x
        where x.sent > moment - interval '1 minute' order by x.sent desc offset 19 limit 1), moment);
end $$;

create function count_delivery(of_community text, of_kind text, of_result text, times integer default 1) returns void language sql as $$
    insert into wall.delivery_count values (of_community, of_kind, of_result, times)
    on conflict (community, kind, result) do update set count = delivery_count.count + excluded.count
$$;

create function bury_expired(h wall.hook, moment timestamptz) returns void language plpgsql as $$
declare
    dead integer;
begin
    update wall.delivery d set state = 'dead', sealed = null, failure = coalesce(d.failure, 'too late'),
        sealed_for = case when d.sealed_for is not null then 'gone' end
    where d.community = h.community and d.hook = h.hook and d.state = 'pending' and d.expires <= moment;
    get diagnostics dead = row_count;
    if dead > 0 then
        perform count_delivery(h.community, h.kind, 'dead', dead);
    end if;
end $$;

-- What a receiver gets next: the oldest of what waits. In its quiet hours only what is urgent; the policy's begin when the digest comes, and hold back
-- everything but that.
create function next_delivery(h wall.hook, quiet boolean) returns wall.delivery language plpgsql stable as $$
declare
    found wall.delivery;
begin
    select * into found from wall.delivery d
    where d.community = h.community and d.hook = h.hook and d.state = 'pending' and (d.urgent or not quiet or d.event = 'digest' and h.quiet_from is null)
    order by d.position limit 1;
    return found;
end $$;

create type push as (community text, delivery uuid, tries integer, hook uuid, kind text, message text, event text, url text, address bytea, secret bytea,
                     old_secret bytea, sealed bytea, sealed_for text, body text, words text, seconds bigint, milliseconds bigint, date text);

create function push_of(h wall.hook, d wall.delivery, moment timestamptz, base text) returns push language plpgsql stable as $$
declare
    epoch numeric := extract(epoch from moment);
begin
    return row(d.community, d.delivery, d.tries, h.hook, h.kind, d.message, d.event, h.url, h.address, h.secret,
               case when h.old_until > moment then h.old_secret end, d.sealed, d.sealed_for, case when h.kind = 'webhook' then d.payload::text end,
               case when h.kind <> 'webhook' then push_text(d, h.language, base) end, floor(epoch)::bigint, floor(epoch * 1000)::bigint,
               to_char(moment at time zone 'UTC', 'Dy, DD Mon YYYY HH24:MI:SS') || ' +0000')::push;
end $$;

-- What is due, one for each receiver, is this server's for a minute; whoever crashes meanwhile leaves it to be sent again, with the same id.
create function claim_deliveries(batch integer, base text) returns setof push language plpgsql as $$
declare
    h wall.hook;
    d wall.delivery;
    moment timestamptz := wall_now();
    free timestamptz;
begin
    for h in select * from wall.hook x where x.active and x.due <= moment and x.leased <= moment order by x.due, x.hook limit batch for update skip locked loop
        perform bury_expired(h, moment);
        free := awake(h, moment);
        d := next_delivery(h, free > moment);
        if d.delivery is null then
            d := next_delivery(h, false);
            update wall.hook x set due = case when d.delivery is null then 'infinity' else greatest(d.due, free) end
            where x.community = h.community and x.hook = h.hook;
            continue;
        end if;
        free := greatest(d.due, unhurried(h, moment));
        -- What is due stays so: only the lease changes, which no index knows of.
        update wall.hook x set due = case when free > moment then free else x.due end,
            leased = case when free > moment then x.leased else moment + interval '1 minute' end
        where x.community = h.community and x.hook = h.hook;
        continue when free > moment;
        update wall.delivery x set tries = x.tries + 1 where x.community = d.community and x.delivery = d.delivery returning * into d;
        return next push_of(h, d, moment, base);
    end loop;
end $$;

-- How long to wait after so many tries; null: it has been tried for three days.
create function pause_after(tries integer) returns interval language sql immutable as $$
    select ('{1 minute, 5 minutes, 30 minutes, 2 hours, 6 hours, 12 hours, 24 hours, 24 hours}'::interval[])[greatest(tries, 1)]
$$;

-- A receiver that is gone, or that took nothing for days, is left alone; the admins hear of it. What waits for people would come too late by then;
-- a webhook goes on where it stopped when it is enabled again.
create function disable_hook(h wall.hook, moment timestamptz) returns void language plpgsql as $$
begin
    update wall.hook x set active = false, disabled = moment where x.community = h.community and x.hook = h.hook;
    if h.kind <> 'webhook' then
        update wall.delivery d set expires = moment where d.community = h.community and d.hook = h.hook and d.state = 'pending';
        perform bury_expired(h, moment);
    end if;
    if h.resident is not null then
        return;                                  -- what becomes of a resident's channel is between the two
    end if;
    insert into wall.outbox (community, at, channel, event, audience, department, payload, due)
    values (h.community, moment, 'file', 'hook_disabled', 'admins', h.department, jsonb_build_object('hook', h.name, 'hook_id', h.hook, 'kind', h.kind), moment);
end $$;

create function settle_success(d wall.delivery, moment timestamptz) returns void language plpgsql as $$
begin
    update wall.delivery x set state = 'sent', sent = moment, failure = null, sealed = null,
        sealed_for = case when x.sealed_for is not null then 'gone' end
    where x.community = d.community and x.delivery = d.delivery;
    update wall.hook h set failing = null, leased = '-infinity' where h.community = d.community and h.hook = d.hook;
end $$;

-- `final`: dead (it will never be taken), gone (the receiver is no more). A phone that nobody chose is never disabled: it is no receiver of many.
create function settle_failure(h wall.hook, d wall.delivery, moment timestamptz, why text, final text, retry_after integer) returns boolean language plpgsql as $$
declare
    pause interval := case when final is null then pause_after(d.tries) end;
    asked interval := make_interval(secs => least(coalesce(retry_after, 0), 86400));
    again timestamptz := moment + case when asked > pause then asked else pause end;
begin
    update wall.delivery x set failure = why, due = coalesce(again, x.due), state = case when again is null then 'dead' else 'pending' end,
        sealed = case when again is not null then x.sealed end,
        sealed_for = case when again is not null or x.sealed_for is null then x.sealed_for else 'gone' end
    where x.community = d.community and x.delivery = d.delivery;
    update wall.hook x set failing = coalesce(x.failing, moment), leased = '-infinity', due = coalesce(again, moment)
    where x.community = h.community and x.hook = h.hook;
    if final = 'gone' or again is null and final is null and h.phone_hash is null then
        perform disable_hook(h, moment);
    end if;
    return again is null;
end $$;

-- What has come of a try; of an older one, whose lease is over, only that it arrived counts any more.
create function settle_delivery(of_community text, of_delivery uuid, of_tries integer, why text, final text, retry_after integer) returns boolean
language plpgsql as $$
declare
    d wall.delivery;
    h wall.hook;
    dead boolean := false;
    moment timestamptz := wall_now();
begin
    select x.* into h from wall.delivery y join wall.hook x using (community, hook)
    where y.community = of_community and y.delivery = of_delivery for update of x;
    select * into d from wall.delivery x
    where x.community = of_community and x.delivery = of_delivery and (x.tries = of_tries or why is null) and x.state = 'pending' for update;
    if d.delivery is null then
        return false;
    end if;
    if why is null then
        perform settle_success(d, moment);
    else
        dead := settle_failure(h, d, moment, why, final, retry_after);
    end if;
    perform count_delivery(of_community, h.kind, case when why is null then 'sent' when dead then 'dead' else 'failed' end);
    return true;
end $$;
