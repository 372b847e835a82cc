-- Many deadlines at once: what settle() does to one complaint when nothing is due that would move it, done to a batch with a few statements.
-- It writes the same rows as settle(); a test holds one beside the other. What moves a case (a broken promise, a lapse, a review) is left to settle().

create type complaint_key as (community text, complaint uuid);

create function moves_when_due(kind text) returns boolean language sql immutable as $$
    select kind in ('promise', 'need_info', 'lapse', 'ledger_review', 'vote', 'claim')
$$;

-- The complaints of the oldest of a batch of timers that nothing due would move, locked.
create function lock_unmoved(batch integer, moment timestamptz) returns complaint_key[] language plpgsql as $$
declare
    found complaint_key[];
begin
    select array_agg(distinct row(t.community, t.complaint)::complaint_key) into found
    from (select * from wall.timer x where x.due < moment order by x.due limit batch) as t
    where 0 = (select count(*) from wall.timer o
               where o.community = t.community and o.complaint = t.complaint and o.due < moment and moves_when_due(o.kind));
    perform pg_advisory_xact_lock_shared(community_lock(k.community))
    from (select distinct community from unnest(found) order by community) as k;
    return array(select row(c.community, c.complaint)::complaint_key
                 from (select * from unnest(found) order by community, complaint) as k join wall.complaint c using (community, complaint)
                 for update of c skip locked);
end $$;

-- Looked at again under the lock: somebody may have come first.
create function still_unmoved(keys complaint_key[], moment timestamptz) returns complaint_key[] language plpgsql stable as $$
begin
    return array(select k::complaint_key from unnest(keys) as k
                 where 0 = (select count(*) from wall.timer o
                            where o.community = k.community and o.complaint = k.complaint and o.due < moment and moves_when_due(o.kind)));
end $$;

-- A breach of the reply or a reminder of it, with what its timer has come to after it.
create type reply_step as (community text, complaint uuid, round integer, number integer, at timestamptz, breach boolean, audience text,
                           level integer, breached boolean, due timestamptz);

-- Everything that happens before `moment`, each step at its own due. After each the next one is found as next_step() finds it.
create function reply_steps(keys complaint_key[], moment timestamptz) returns setof reply_step language plpgsql stable as $$
begin
    return query
        with recursive step as (
            select t.community, t.complaint, t.round, 0 as number, null::timestamptz as at, false as breach, null::text as audience, t.level,
                   t.breached, t.due, t.deadline, c.urgent, h.time_zone as zone, t.deadline - p.reply as began, p.quiet_from, p.quiet_until,
                   case when c.urgent then p.urgent_ladder else p.ladder end as ladder,
                   case when c.urgent then p.urgent_ladder_to else p.ladder_to end as audiences
            from unnest(keys) as k
            join wall.timer t on t.community = k.community and t.complaint = k.complaint and t.kind = 'reply' and t.due < moment
            join wall.complaint c on c.community = t.community and c.complaint = t.complaint
            join wall.policy p on p.community = c.community and p.version = c.policy
            join wall.community h on h.community = t.community
            union all
            select s.community, s.complaint, s.round, s.number + 1, s.due, n.breach, case when not n.breach then s.audiences[n.level] end, n.level,
                   n.breached, least(
                       case when not s.urgent and r.step < s.deadline
                           then least(after_span(r.step, s.quiet_from, s.quiet_until, s.quiet_until, s.zone), s.deadline)
                           else coalesce(r.step, 'infinity') end,
                       case when n.breached then 'infinity' else s.deadline end),
                   s.deadline, s.urgent, s.zone, s.began, s.quiet_from, s.quiet_until, s.ladder, s.audiences
            from step s
            cross join lateral (select not s.breached and s.due >= s.deadline as breach) as b
            cross join lateral (select b.breach, s.breached or b.breach as breached, s.level + (not b.breach)::integer as level) as n
            cross join lateral (select case when n.level < cardinality(s.ladder) then greatest(s.began + s.ladder[n.level + 1], s.due) end as step) as r
            where s.due < moment
        )
        select s.community, s.complaint, s.round, s.number, s.at, s.breach, s.audience, s.level, s.breached, s.due from step s where s.number > 0;
end $$;

-- The entry of a complaint that has become overdue, without making it anew: only two members differ, and `version` is the last one.
create function overdue_entry(c wall.complaint) returns text language plpgsql stable as $$
declare
    tail text := '"version":' || c.version || '}';
begin
    if right(c.entry, length(tail)) <> tail then
        c.version := c.version + 1;
        c.overdue := true;
        return entry_json(c);
    end if;
    return replace(left(c.entry, -length(tail)), '"overdue":false', '"overdue":true') || '"version":' || c.version + 1 || '}';
end $$;

-- A breach is an event of the complaint's chain; everything else of the complaint stays as it was.
create function write_breaches(steps reply_step[]) returns void language plpgsql as $$
begin
    insert into wall.deadline_mark
    select s.community, s.complaint, 'reply', s.round, 'breached', s.at, c.department
    from unnest(steps) as s join wall.complaint c using (community, complaint) where s.breach;
    with numbered as (
        select s.*, nextval('wall.event_seq') as seq from (select * from unnest(steps) as x where x.breach order by x.at, x.complaint) as s
    ), made as (
        select c.hash as before, row(c.community, c.complaint, n.seq, n.at, 'breach', 'system', null, c.status, c.turn, c.department,
                                     jsonb_build_object('round', n.round), null, null, stream_xid())::wall.event as e
        from numbered n join wall.complaint c using (community, complaint) order by n.seq
    ), written as (
        insert into wall.event
        select (e).community, (e).complaint, (e).seq, (e).at, (e).action, (e).actor_kind, (e).actor, (e).status, (e).turn, (e).department, (e).data,
               (e).content, sha256(before || canonical(e)), (e).xid
        from made
        returning community, complaint, at, hash
    )
    update wall.complaint c set overdue = true, last = w.at, hash = w.hash, version = c.version + 1, entry = overdue_entry(c)
    from written w where c.community = w.community and c.complaint = w.complaint;
end $$;

create function write_reminders(steps reply_step[]) returns void language plpgsql as $$
begin
    insert into wall.reminder
    select s.community, s.complaint, s.round, s.level, s.audience, s.at from unnest(steps) as s where not s.breach;
    insert into wall.outbox (community, at, channel, event, audience, complaint, department, payload, due)
    select s.community, s.at, 'file', 'remind', s.audience, s.complaint, answering_department(c),
           jsonb_build_object('number', c.number, 'status', c.status, 'urgent', c.urgent, 'reply_due', instant(c.reply_due), 'level', s.level), s.at
    from unnest(steps) as s join wall.complaint c using (community, complaint) where not s.breach order by s.at, s.complaint;
end $$;

create function write_timers(steps reply_step[]) returns void language plpgsql as $$
begin
    update wall.timer t set level = s.level, breached = s.breached, due = s.due
    from (select distinct on (x.community, x.complaint, x.round) x.* from unnest(steps) as x
          order by x.community, x.complaint, x.round, x.number desc) as s
    where t.community = s.community and t.complaint = s.complaint and t.kind = 'reply' and t.round = s.round;
end $$;

-- Deadlines that stay open when they pass: they may still be met, late.
create function write_passed(keys complaint_key[], moment timestamptz) returns void language plpgsql as $$
begin
    with passed as (
        update wall.timer t set due = 'infinity', breached = true
        from unnest(keys) as k join wall.complaint c using (community, complaint)
        where t.community = k.community and t.complaint = k.complaint and t.due < moment and t.kind <> 'reply'
        returning t.community, t.complaint, t.kind, t.round, t.deadline, c.department
    )
    insert into wall.deadline_mark select community, complaint, kind, round, 'breached', deadline, department from passed;
end $$;

-- Found by index, whatever the statistics say of a moment at which everything is due at once.
create function sweep(batch integer, moment timestamptz) returns integer language plpgsql set enable_seqscan = off as $$
declare
    locked complaint_key[] := lock_unmoved(batch, moment);
    keys complaint_key[] := still_unmoved(locked, moment);
    steps reply_step[] := array(select s from reply_steps(keys, moment) s);
begin
    perform write_passed(keys, moment);
    perform write_breaches(steps);
    perform write_reminders(steps);
    perform write_timers(steps);
    return cardinality(keys);
end $$;
