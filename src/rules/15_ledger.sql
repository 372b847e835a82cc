-- The ledger (挂账、销账): what cannot be mended now is kept on the books with a plan, a public reason and a date at which it is looked at again. The
-- officer asks, the supervisor approves with a published interim. It is struck off only after those affected were asked: when the department
-- answers a ledgered case, they vote; below the policy's share it goes back on the clock. Who or what else ends it does the same.

-- The request that waits for the supervisor. It does so until its review date is over, as long as its department holds the case and has not been sent back
-- to it: nothing is approved in the name of those who did not ask for it.
create function ledger_pending(c wall.complaint, at timestamptz) returns uuid language sql stable as $$
    select l.ledger from wall.ledger l
    where l.community = c.community and l.complaint = c.complaint and end_of_day(l.review, zone_of(c.community)) > at
      and not exists (select from wall.ledger_step s where s.community = l.community and s.complaint = l.complaint and s.ledger = l.ledger)
      and (select e.action = 'request_ledger' from wall.event e
           where e.community = l.community and e.complaint = l.complaint
             and e.action in ('request_ledger', 'assign', 'reassign', 'return', 'redo', 'reopen')
           order by e.seq desc limit 1)
    order by l.requested desc, l.ledger desc limit 1
$$;

create function ledger_running(c wall.complaint) returns uuid language sql stable as $$
    select s.ledger from wall.ledger_step s
    where s.community = c.community and s.complaint = c.complaint and s.kind = 'approved' order by s.seq desc limit 1
$$;

create function add_ledger_step(c wall.complaint, of_ledger uuid, at timestamptz, kind text, author uuid, words text default null, due date default null,
                                masked text default null) returns void language sql as $$
    insert into wall.ledger_step values (c.community, c.complaint, made_id(at), of_ledger, kind, author, at, words, due, masked)
$$;

create function request_ledger(inout c wall.complaint, at timestamptz, who caller, input jsonb, reading jsonb) language plpgsql as $$
begin
    perform know_day(c, at, '/review', (input->>'review')::date, (policy_of(c.community, c.policy)).ledger_days);
    insert into wall.ledger
    values (c.community, c.complaint, made_id(at), who.actor, at, input->>'plan', input->>'public_reason', (input->>'review')::date,
            reading->'masked'->>'public_reason', reading->'masked'->>'plan');
    c := move(c, at, 'request_ledger', who.role, who.actor, '{}', jsonb_build_object('review', input->>'review'), words_of(input));
end $$;

create function approve_ledger(inout c wall.complaint, at timestamptz, who caller) language plpgsql as $$
declare
    l wall.ledger;
begin
    select * into l from wall.ledger x where x.community = c.community and x.complaint = c.complaint and x.ledger = ledger_pending(c, at);
    perform add_ledger_step(c, l.ledger, at, 'approved', who.actor);
    perform add_reply(c, at, row(l.officer, 'officer', c.department, null, null)::caller, 'ledger', jsonb_build_object('public_text', l.public_reason),
                      jsonb_build_object('public_text', coalesce(l.masked, l.public_reason)));
    c := move(c, at, 'approve_ledger', who.role, who.actor, '{}', jsonb_build_object('review', l.review));
end $$;

create function end_ledger(inout c wall.complaint, at timestamptz, author uuid) language plpgsql as $$
begin
    perform add_ledger_step(c, ledger_running(c), at, 'ended', author);
    c := move(c, at, 'end_ledger', case when author is null then 'system' else 'supervisor' end, author);
end $$;

create function add_milestone(inout c wall.complaint, at timestamptz, who caller, input jsonb, reading jsonb) language plpgsql as $$
begin
    perform add_ledger_step(c, ledger_running(c), at, 'milestone', who.actor, input->>'text', (input->>'due')::date,
                            reading->'masked'->>'text');
    c := move(c, at, 'milestones', who.role, who.actor, '{}', jsonb_build_object('due', input->>'due'), words_of(input));
end $$;

-- A ledgered case is answered: the department says it is done.
create function claim_ledger_done(c wall.complaint, at timestamptz, author uuid, words text) returns void language plpgsql as $$
begin
    perform add_ledger_step(c, ledger_running(c), at, 'claimed', author, words);
end $$;

-- The case whose end is voted on: for a case merged into another one, that one.
create function voted_case(c wall.complaint) returns uuid language sql immutable as $$
    select case when c.status = 'merged' then c.master else c.complaint end
$$;

-- Those affected before the department said that it is done: who joins later could bring any number of friends.
create function may_vote(c wall.complaint, who caller) returns boolean language plpgsql stable as $$
declare
    voted uuid := voted_case(c);
begin
    if not exists (select from wall.timer t where t.community = c.community and t.complaint = voted and t.kind = 'vote') then
        return false;
    end if;
    return exists (
        select from wall.timer t join wall.deadline d using (community, complaint, kind, round)
        where t.community = c.community and t.complaint = voted and t.kind = 'vote'
          and not exists (select from wall.support s where s.community = c.community and s.complaint = c.complaint
                          and s.support = support_of(c, who) and s.began > d.began));
end $$;

-- As whom this caller votes: a supporter for his support, the reporter for his complaint.
create function voter_of(c wall.complaint, who caller) returns uuid language plpgsql stable as $$
begin
    return coalesce(support_of(c, who), c.complaint);
end $$;

create function ledger_voted_on(c wall.complaint) returns uuid language plpgsql stable as $$
begin
    return (select s.ledger from wall.ledger_step s
            where s.community = c.community and s.complaint = voted_case(c) and s.kind = 'approved' order by s.seq desc limit 1);
end $$;

-- A resident has one vote, however many of the cases merged here are his or have his support.
create function votes_as(c wall.complaint, who caller) returns setof uuid language plpgsql stable as $$
declare
    voter uuid := voter_of(c, who);
    person uuid := coalesce((select s.resident from wall.support s where s.community = c.community and s.complaint = c.complaint and s.support = voter),
                            (select i.resident from wall.complaint_identity i where i.community = c.community and i.complaint = voter));
begin
    return query
        with merged as (
            select m.complaint from wall.complaint m
            where m.community = c.community and (m.complaint = voted_case(c) or m.master = voted_case(c) and m.status = 'merged')
        )
        select voter
        union select i.complaint from merged join wall.complaint_identity i on i.community = c.community and i.complaint = merged.complaint and i.resident = person
        union select s.support from merged join wall.support s on s.community = c.community and s.complaint = merged.complaint and s.resident = person;
end $$;

create function has_voted(c wall.complaint, who caller) returns boolean language plpgsql stable as $$
begin
    return exists (select from wall.ledger_vote v where v.community = c.community and v.complaint = voted_case(c)
                   and v.ledger = ledger_voted_on(c) and v.voter in (select votes_as(c, who)));
end $$;

create function vote_on_ledger(inout c wall.complaint, at timestamptz, who caller, mine text[], input jsonb) language plpgsql as $$
begin
    insert into wall.ledger_vote values (c.community, voted_case(c), ledger_voted_on(c), voter_of(c, who), at, input->>'solved');
    c := move(c, at, 'ledger_votes', case when 'reporter' = any(mine) then 'reporter' else 'supporter' end);
end $$;

-- The vote is over. Without a vote there is nobody who says no: as with an answer that nobody contradicts.
create function end_vote(inout c wall.complaint, at timestamptz) language plpgsql as $$
declare
    running uuid := ledger_running(c);
    votes record;
    passed boolean;
begin
    select count(*) filter (where v.solved = 'yes') as yes, count(*) filter (where v.solved = 'partly') as partly,
           count(*) filter (where v.solved = 'no') as no into votes
    from wall.ledger_vote v where v.community = c.community and v.complaint = c.complaint and v.ledger = running;
    passed := votes.yes >= (policy_of(c.community, c.policy)).vote_share::numeric * (votes.yes + votes.partly + votes.no);   -- as it was written
    perform add_ledger_step(c, running, at, case when passed then 'struck_off' else 'failed' end, null);
    c := move(c, at, case when passed then 'vote_passed' else 'vote_failed' end, 'system', null, '{}', to_jsonb(votes));
end $$;

-- How an entry of the ledger stands, from its last step that is not a milestone and the status of its case.
create function ledger_state(step text, status text) returns text language sql immutable as $$
    select case when step is null then 'requested'
                when status in ('withdrawn', 'rejected', 'merged') then status
                when step = 'approved' and status = 'ledgered' then 'running'
                when step = 'claimed' and status in ('answered', 'closed') then 'voting'
                when step = 'struck_off' then 'struck_off'
                else 'returned' end
$$;

-- An entry with all its steps, its texts as those inside or as everybody may read them. Tables without a schema: for public requests those are the views.
create function ledger_json(l_community text, l_complaint uuid, l_ledger uuid, status text, inside boolean) returns text language plpgsql stable as $$
begin
    return (
        select json_build_object(
            'id', l.ledger, 'state', ledger_state(last.kind, status), 'requested', instant(l.requested), 'approved', instant(approved.at), 'plan', case when inside then l.plan else coalesce(l.masked_plan, l.plan) end,
            'public_reason', case when inside then l.public_reason else coalesce(l.masked, l.public_reason) end, 'review', l.review,
            'postponements', (select count(*) from ledger_step b where b.community = l.community and b.complaint = l.complaint and b.kind = 'approved'
                              and b.seq < approved.seq),
            'milestones', (select coalesce(json_agg(json_build_object('text', case when inside then m.text else coalesce(m.masked, m.text) end, 'due', m.due, 'at', instant(m.at)) order by m.seq), '[]') from ledger_step m
                           where m.community = l.community and m.complaint = l.complaint and m.ledger = l.ledger and m.kind = 'milestone'),
            'claimed', instant(claimed.at),
            'vote_until', (select instant(d.due) from deadline d where d.community = l.community and d.complaint = l.complaint and d.kind = 'vote'
                           and d.began = claimed.at),
            'votes', (select json_build_object('yes', count(*) filter (where v.solved = 'yes'), 'partly', count(*) filter (where v.solved = 'partly'),
                                               'no', count(*) filter (where v.solved = 'no')) from ledger_vote v
                      where v.community = l.community and v.complaint = l.complaint and v.ledger = l.ledger),
            'ended', case when last.kind in ('struck_off', 'failed', 'ended') then instant(last.at) end)::text
        from ledger l
        left join ledger_step approved on approved.community = l.community and approved.complaint = l.complaint and approved.ledger = l.ledger
            and approved.kind = 'approved'
        left join ledger_step claimed on claimed.community = l.community and claimed.complaint = l.complaint and claimed.ledger = l.ledger
            and claimed.kind = 'claimed'
        left join lateral (select s.kind, s.at from ledger_step s where s.community = l.community and s.complaint = l.complaint and s.ledger = l.ledger
                           and s.kind <> 'milestone' order by s.seq desc limit 1) as last on true
        where l.community = l_community and l.complaint = l_complaint and l.ledger = l_ledger);
end $$;

-- The entries of one case, oldest first; those who are inside see what is only asked for as well.
create function ledgers_json(of_community text, of_complaint uuid, status text) returns text language plpgsql stable as $$
begin
    return (select json_list(string_agg(ledger_json(l.community, l.complaint, l.ledger, status, true), ',' order by l.requested))
            from ledger l where l.community = of_community and l.complaint = of_complaint);
end $$;

-- The public ledger: every entry that was approved, newest first.
create function list_ledger(of_community text, of_state text, of_department uuid, size integer, after_key timestamptz, after_id uuid) returns page
language plpgsql stable as $$
begin
    return (select page_of(array_agg(at::text), array_agg(step), array_agg(format('{"ledger":%s,%s', shown, substr(entry, 2))), size) from (
        select s.at, s.step, c.entry, ledger_json(s.community, s.complaint, s.ledger, c.status, false) as shown
        from ledger_step s join published.complaint c on c.community = s.community and c.complaint = s.complaint
        where s.community = of_community and s.kind = 'approved' and (of_department is null or c.department = of_department)
          and (of_state is null or of_state = (
              select ledger_state(l.kind, c.status) from ledger_step l
              where l.community = s.community and l.complaint = s.complaint and l.ledger = s.ledger and l.kind <> 'milestone' order by l.seq desc limit 1))
          and (s.at, s.step) < (coalesce(after_key, 'infinity'), coalesce(after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
        order by s.at desc, s.step desc limit size + 1) as newest);
end $$;
