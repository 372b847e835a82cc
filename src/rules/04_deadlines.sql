-- Deadlines: when they are due, what happens when they pass. What is recorded never depends on when the clock ran: settle() gives each
-- thing that is due its own moment, and move() settles before it looks.

-- When a deadline of this kind, begun now, is due. `p`: the complaint's policy.
create function due_of(c wall.complaint, at timestamptz, kind text, data jsonb, p wall.policy) returns timestamptz language plpgsql stable as $$
begin
    return case kind
        when 'reply' then at + p.reply
        when 'dispatch' then at + p.dispatch
        when 'accept' then at + p.accept
        when 'need_info' then at + p.need_info
        when 'lapse' then at + p.lapse
        when 'vote' then at + p.vote
        when 'claim' then at + p.claim
        when 'followup' then after_span(at + p.followup, p.night_from, p.night_until, p.visit_from, zone_of(c.community))
        when 'promise' then end_of_day((data->>'promised')::date, zone_of(c.community))
        when 'ledger_review' then end_of_day((data->>'review')::date, zone_of(c.community))
        when 'resolve' then coalesce(end_of_day((data->>'until')::date, zone_of(c.community)), after_working_days(c.community, at, coalesce(
            (select days from wall.category where community = c.community and code = coalesce(c.category, 'other')), 15), zone_of(c.community)))
    end;
end $$;

-- The next moment at which something happens to an open `reply` deadline: a step of the ladder, or the breach.
create function next_step(c wall.complaint, deadline timestamptz, level integer, breached boolean, p wall.policy, earliest timestamptz default '-infinity')
returns timestamptz language plpgsql stable as $$
declare
    ladder interval[] := case when c.urgent then p.urgent_ladder else p.ladder end;
    step timestamptz := case when level < cardinality(ladder) then greatest(deadline - p.reply + ladder[level + 1], earliest) else 'infinity' end;
begin
    if step < deadline and not c.urgent then
        step := least(after_span(step, p.quiet_from, p.quiet_until, p.quiet_until, zone_of(c.community)), deadline);
    end if;
    return least(step, case when breached then 'infinity' else deadline end);
end $$;

-- Opens one more deadline of each kind, with its timer.
create function open_deadlines(c wall.complaint, at timestamptz, kinds text[], data jsonb, p wall.policy default null) returns void language plpgsql as $$
declare
    dues timestamptz[] := '{}';
    steps timestamptz[] := '{}';
    due timestamptz;
    kind text;
begin
    if 'accept' = any(kinds) and c.department = dispatch_office(c.community) then
        kinds := array_remove(kinds, 'accept');  -- the dispatch office has its own deadline
    end if;
    p := coalesce(p, policy_of(c.community, c.policy));
    foreach kind in array kinds loop
        due := due_of(c, at, kind, data, p);
        dues := dues || due;
        steps := steps || case when kind = 'reply' then next_step(c, due, 0, false, p) else due end;
    end loop;
    with opened as (
        insert into wall.deadline
        select c.community, c.complaint, k.kind, case when k.kind = 'reply' then c.round else (
                   select count(*) from wall.deadline d where d.community = c.community and d.complaint = c.complaint and d.kind = k.kind) end,
               c.department, at, k.due
        from unnest(kinds, dues) as k (kind, due)
        returning deadline.kind, deadline.round, deadline.due
    )
    insert into wall.timer (community, complaint, kind, round, due, deadline)
    select c.community, c.complaint, o.kind, o.round, steps[array_position(kinds, o.kind)], o.due from opened o;
end $$;

-- A new round: the department owes a reply again.
create function open_round(inout c wall.complaint, at timestamptz) language plpgsql as $$
declare
    p wall.policy := policy_of(c.community, c.policy);
begin
    c.round := c.round + 1;
    c.reply_open := true;
    c.reply_due := shown_at(c, due_of(c, at, 'reply', '{}', p));
    perform open_deadlines(c, at, '{reply}', '{}', p);
end $$;

create function mark_breached(c wall.complaint, t wall.timer) returns void language plpgsql as $$
begin
    insert into wall.deadline_mark values (c.community, c.complaint, t.kind, t.round, 'breached', t.deadline, c.department);
end $$;

-- A `reply` deadline comes to its next step: breached, or the next reminder of the ladder. Each level exactly once.
create function step_reply(inout c wall.complaint, t wall.timer) language plpgsql as $$
declare
    p wall.policy := policy_of(c.community, c.policy);
    audience text;
begin
    if not t.breached and t.due >= t.deadline then
        perform mark_breached(c, t);
        t.breached := true;
        c.overdue := true;
        c := move(c, t.deadline, 'breach', 'system', null, '{}', jsonb_build_object('round', t.round));
    else
        t.level := t.level + 1;
        audience := (case when c.urgent then p.urgent_ladder_to else p.ladder_to end)[t.level];
        insert into wall.reminder values (c.community, c.complaint, t.round, t.level, audience, t.due);
        perform tell(c, t.due, 'remind', audience, jsonb_build_object('level', t.level));
    end if;
    update wall.timer set level = t.level, breached = t.breached,
        due = next_step(c, t.deadline, t.level, t.breached, p, t.due)
    where community = c.community and complaint = c.complaint and kind = 'reply' and round = t.round;
end $$;

-- One deadline passed unmet.
create function pass(inout c wall.complaint, t wall.timer) language plpgsql as $$
begin
    if t.kind = 'reply' then
        c := step_reply(c, t);
        return;
    end if;
    perform mark_breached(c, t);
    if t.kind in ('dispatch', 'accept', 'resolve', 'followup') then
        -- These stay open: they may still be met, late.
        update wall.timer set due = 'infinity', breached = true
        where community = c.community and complaint = c.complaint and kind = t.kind and round = t.round;
        return;
    end if;
    delete from wall.timer where community = c.community and complaint = c.complaint and kind = t.kind and round = t.round;
    c := case t.kind
        when 'promise' then move(c, t.deadline, 'promise_broken', 'system')
        when 'need_info' then move(c, t.deadline, 'lapse', 'system', null, '{"result": "no_info"}')
        when 'lapse' then move(c, t.deadline, 'lapse', 'system', null, '{"result": "silence"}')
        when 'ledger_review' then end_ledger(c, t.deadline, null)
        when 'vote' then end_vote(c, t.deadline)
        when 'claim' then expire_claim(c, t.deadline)
        end;
end $$;

-- Applies what was due before `at`, in order of due, each with its due as its moment. An action exactly at its due is in time.
create function settle(inout c wall.complaint, at timestamptz) language plpgsql as $$
declare
    t wall.timer;
begin
    loop
        select * into t from wall.timer x
        where x.community = c.community and x.complaint = c.complaint and x.due < settle.at
        order by x.due, x.kind, x.round limit 1;
        exit when not found;
        c := pass(c, t);
    end loop;
end $$;

-- One batch of the clock: the oldest complaints with something due, locked without waiting. More: there may be another batch.
create function settle_due(batch integer, out settled integer, out more boolean) language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    due_now record;
    c wall.complaint;
    moment timestamptz := wall_now();
begin
    if not pg_try_advisory_xact_lock(311, 1) then
        return;
    end if;
    settled := sweep(batch, moment);
    for due_now in
        select t.community, t.complaint, min(t.due) as first
        from (select * from wall.timer where due < moment order by due limit batch - settled) t
        group by t.community, t.complaint order by 3
    loop
        perform pg_advisory_xact_lock_shared(community_lock(due_now.community));
        select * into c from wall.complaint where community = due_now.community and complaint = due_now.complaint for update skip locked;
        continue when not found;
        perform settle(c, moment);
        settled := settled + 1;
    end loop;
    more := settled > 0 and exists (select from wall.timer where due < moment);
end $$;
