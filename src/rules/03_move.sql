-- The only way a complaint changes. take_up() locks it, settles what is due and finds the moment; may() says whether this caller may do this
-- now; move() writes the event, the deadlines, the holding and the cache. Everything that acts goes through these three, in this order.

-- The bytes that an event's hash covers, with the hash of the event before it.
create function canonical(e wall.event) returns bytea language sql stable as $$
    select convert_to(concat_ws(E'\x1f', e.community, e.complaint, e.seq, instant(e.at), e.action, e.actor_kind, coalesce(e.actor::text, ''), e.status, e.turn,
                                e.department, e.data::text, coalesce(encode(e.content, 'hex'), '')), 'UTF8')
$$;

create function turn_of(status text, reply_open boolean) returns text language sql immutable as $$
    select case when status in ('submitted', 'assigned', 'accepted') and reply_open then 'department'
                when status in ('need_info', 'answered') then 'resident'
                else 'none' end
$$;

-- A moment as others than the reporter see it, where he has asked for rounding: the full hour before. Deadlines are kept to the microsecond, and
-- shown earlier, never later, than they are: who keeps to what he sees is in time.
create function shown_at(c wall.complaint, moment timestamptz) returns timestamptz language sql stable as $$
    select case when c.round_times then date_trunc('hour', moment, 'UTC') else moment end
$$;

create function event_at(rounded boolean, e wall.event) returns timestamptz language sql stable as $$
    select case when rounded and (e.action = 'submit' or e.actor_kind in ('reporter', 'system')) then date_trunc('hour', e.at, 'UTC') else e.at end
$$;

create function event_at(c wall.complaint, e wall.event) returns timestamptz language sql stable as $$
    select event_at(c.round_times, e)
$$;

-- The moment of submission, rounded down; never into the day before, be it taken or not.
create function round_times_of(inout c wall.complaint) language plpgsql as $$
begin
    c.round_times := true;
    c.submitted := greatest(shown_at(c, c.submitted), cutoff_of(c.community, day_of(c.community, c.submitted) - 1) + interval '1 microsecond', (
        select max(r.cutoff) + interval '1 microsecond' from wall.clearing r
        where r.community = c.community and r.day >= (c.submitted at time zone 'UTC')::date - 3 and r.cutoff < c.submitted));
    c.reply_due := shown_at(c, c.reply_due);
    c.publication_since := shown_at(c, c.publication_since);
    c.responsibility := null;
end $$;

create function alias_of(number text) returns text language sql immutable as $$
    select '居民 ' || chr(65 + (right(number, 4)::integer / 100) % 26) || '-' || right(number, 2)
$$;

-- Tells an audience of what happened to a complaint. A reporter without an address hears of it by the receipt.
create function tell(c wall.complaint, at timestamptz, event text, audience text, more jsonb default '{}') returns void language plpgsql as $$
declare
    address wall.outbox;
    payload jsonb := jsonb_build_object('number', c.number, 'status', c.status, 'urgent', c.urgent, 'reply_due', instant(c.reply_due)) || more;
begin
    if audience = 'reporter' then
        perform tell_supporters(c, at, event, payload);
        select coalesce(i.sealed, r.sealed), case when i.sealed is null then r.resident else i.complaint end::text, r.resident,
               coalesce(i.phone_hash, r.phone_hash)
        into address.sealed, address.sealed_for, address.resident, address.phone_hash
        from wall.complaint_identity i left join wall.resident r on r.community = i.community and r.resident = i.resident
        where i.community = c.community and i.complaint = c.complaint;
        if address.sealed is null and not exists (select from wall.hook h where h.community = c.community and h.resident = address.resident) then
            return;
        end if;
    end if;
    insert into wall.outbox (community, at, channel, event, audience, complaint, department, payload, sealed, sealed_for, resident, phone_hash, due)
    values (c.community, at, 'file', event, audience, c.complaint, answering_department(c), payload, address.sealed, address.sealed_for, address.resident,
            address.phone_hash, at);
end $$;

-- Ends open deadlines: those of `meets` are met, those of `voids` lose their object.
create function end_deadlines(c wall.complaint, at timestamptz, meets text[], voids text[]) returns void language plpgsql as $$
begin
    with ended as (
        delete from wall.timer t
        where t.community = c.community and t.complaint = c.complaint and (t.kind = any(meets) or t.kind = any(voids))
        returning t.kind, t.round
    )
    insert into wall.deadline_mark
    select c.community, c.complaint, kind, round, case when kind = any(meets) then 'met' else 'void' end, end_deadlines.at, c.department
    from ended;
end $$;

-- What a final status leaves open: a closed case its visit, a merged one its reply (the master's counts for it), the others nothing.
create function voided_by(status text, voids text[]) returns text[] language sql immutable as $$
    select case status
        when 'closed' then '{reply,dispatch,accept,resolve,need_info,promise,lapse,ledger_review,claim}'
        when 'merged' then '{dispatch,accept,need_info,promise,lapse,followup,ledger_review,claim}'
        when 'rejected' then '{resolve,need_info,promise,lapse,followup,ledger_review,claim}'
        when 'withdrawn' then '{reply,dispatch,accept,resolve,need_info,promise,lapse,followup,ledger_review,vote,claim}'
        else voids end::text[]
$$;

create function begin_holding(c wall.complaint, at timestamptz, seq bigint, department uuid, kind text) returns void language plpgsql as $$
begin
    insert into wall.holding values (c.community, c.complaint, seq, department, kind, at);
end $$;

-- Writes the event that `c` has come to, and hangs it onto the chain.
create function write_event(inout c wall.complaint, seq bigint, action text, actor_kind text, actor uuid, data jsonb, content text) language plpgsql as $$
declare
    e wall.event;
    nonce bytea := case when content is not null then uuid_send(gen_random_uuid()) end;
begin
    e := row(c.community, c.complaint, seq, c.last, action, actor_kind, actor, c.status, c.turn, c.department, data,
             sha256(nonce || convert_to(content, 'UTF8')), null, stream_xid());
    e.hash := sha256(c.hash || canonical(e));
    insert into wall.event values (e.*);
    if content is not null then
        insert into wall.event_text values (c.community, c.complaint, seq, nonce, content);
    end if;
    c.hash := e.hash;
end $$;

-- Publication: shown, hidden, or pending; and if pending, whether somebody has to look first.
create function expose(inout c wall.complaint, at timestamptz, publication text, p wall.policy default null) language plpgsql as $$
begin
    c.publication := publication;
    c.publication_since := shown_at(c, at);
    c.pending_review := publication = 'pending' and c.visibility = 'public';
    if c.pending_review then
        p := coalesce(p, policy_of(c.community, c.policy));
        c.pending_review := coalesce(p.publication <> 'after_first_reply' or reviewed_first(c, p), true);
    end if;
end $$;

-- Is it, or was it thought to be, of a category that is published only after somebody has looked?
create function reviewed_first(c wall.complaint, p wall.policy) returns boolean language plpgsql stable as $$
begin
    return coalesce(c.category = any(p.reviewed), exists (
        select from wall.classification k where k.community = c.community and k.complaint = c.complaint and k.rank = 1 and k.category = any(p.reviewed)));
end $$;

-- What nobody has looked at is taken back when it turns out to be of such a category.
create function must_be_reviewed(c wall.complaint, category text) returns boolean language plpgsql stable as $$
begin
    return category is not null and c.publication = 'published' and category = any((policy_of(c.community, c.policy)).reviewed)
        and not exists (select from wall.event e where e.community = c.community and e.complaint = c.complaint and e.action = 'publish'
                        and e.actor_kind <> 'system');
end $$;

-- Where the policy says so, the first counting reply that everybody may read publishes the complaint with it; spam and abuse never.
create function reply_publishes(c wall.complaint) returns boolean language plpgsql stable as $$
declare
    p wall.policy;
begin
    if c.publication <> 'pending' or c.visibility <> 'public' or c.pending_review or is_unfit(c) then
        return false;
    end if;
    p := policy_of(c.community, c.policy);
    return p.publication = 'after_first_reply' and exists (
        select from wall.reply r
        where r.community = c.community and r.complaint in (c.complaint, c.master) and r.public_text is not null and reply_counts(r));
end $$;

create function is_unfit(c wall.complaint) returns boolean language sql immutable as $$
    select c.status = 'rejected' and coalesce(c.result in ('spam', 'abusive'), false)
$$;

-- Applies one row of the table of transitions. `change` holds what this action changes beside the status: department, assistant, category,
-- urgent, publication, master, result; `data` goes into the event, `content` is committed to by its hash.
create function move(inout c wall.complaint, at timestamptz, action text, actor_kind text, actor uuid default null, change jsonb default '{}',
                     data jsonb default '{}', content text default null) language plpgsql as $$
declare
    t transition;
    seq bigint := nextval('wall.event_seq');
    holder uuid := coalesce((change->>'department')::uuid, c.department);
begin
    select * into strict t from transition r where r.action = move.action and r.source = c.status;
    c.status := case t.target when 'parted' then c.parted else coalesce(t.target, c.status) end;
    perform end_deadlines(c, at, t.meets, voided_by(case when t.target is not null then c.status end, t.voids));
    if t.target is not null and is_final(c.status) then
        perform drop_claim(c, at);
    end if;
    if 'reply' = any(t.meets) or c.status = 'withdrawn' then
        c.reply_open := false;
    end if;
    if holder <> c.department then
        c.department := holder;
        c.received := at;
        perform begin_holding(c, at, seq, holder, 'lead');
    end if;
    if change ? 'assistant' then
        perform begin_holding(c, at, seq, (change->>'assistant')::uuid, 'assist');
    end if;
    c.last := at;
    c.version := c.version + 1;
    c.first_reply := case when t.official then coalesce(c.first_reply, at) else c.first_reply end;
    c.category := coalesce(change->>'category', c.category);
    c.urgent := coalesce((change->>'urgent')::boolean, c.urgent);
    if change ? 'publication' then
        c := expose(c, at, change->>'publication');
        data := data || jsonb_build_object('publication', c.publication);
    elsif must_be_reviewed(c, change->>'category') then
        c := expose(c, at, 'pending');
        data := data || jsonb_build_object('publication', c.publication);
    end if;
    c.master := coalesce((change->>'master')::uuid, c.master);
    c := count_move(c, at, t, change);
    if t.turns and not c.reply_open then
        c := open_round(c, at);
    end if;
    if t.opens <> '{}' then
        perform open_deadlines(c, at, t.opens, data);
    end if;
    c.turn := turn_of(c.status, c.reply_open);
    c := write_event(c, seq, action, actor_kind, actor, data, content);
    if c.first_reply is not null then
        c := settle_responsibility(c);
    end if;
    if c.entry is not null then                  -- else it is only coming in, and submit() stores it
        c.entry := entry_json(c);
        perform keep(c);
    end if;
    if t.target is not null and (c.status = 'withdrawn' or is_unfit(c)) then
        perform part_followers(c, at);
    end if;
    if t.official then
        perform share_reply(c, at, action);
    end if;
    if t.tells is not null then
        perform tell(c, at, action, case when t.tells <> 'other' then t.tells when actor_kind = 'reporter' then 'officers' else 'reporter' end);
    end if;
    if t.official and reply_publishes(c) then
        c := move(c, at, 'publish', 'system', null, '{"publication": "published"}');
    end if;
end $$;

-- A master's counting reply counts for the cases merged into it; its answer also resolves those that had a reply before.
create function share_reply(c wall.complaint, at timestamptz, action text) returns void language plpgsql as $$
declare
    follower wall.complaint;
begin
    for follower in select * from wall.complaint f where f.community = c.community and f.master = c.complaint and f.status = 'merged' order by f.complaint loop
        perform take_masters_reply(follower, at, action in ('answer', 'accept_reply'));
    end loop;
end $$;

-- Who withdraws his complaint withdraws nobody else's, and spam makes nobody else's spam: those merged into it are again what they were.
create function part_followers(c wall.complaint, at timestamptz) returns void language plpgsql as $$
declare
    follower wall.complaint;
begin
    for follower in select * from wall.complaint f where f.community = c.community and f.master = c.complaint and f.status = 'merged' order by f.complaint loop
        perform move(follower, at, 'unmerge', 'system');
    end loop;
end $$;

create function take_masters_reply(inout c wall.complaint, at timestamptz, answered boolean) language plpgsql as $$
begin
    if c.reply_open or answered and deadline_is_open(c, 'resolve') then
        c := move(c, at, case when answered then 'master_answered' else 'master_replied' end, 'system');
    end if;
end $$;

-- Nothing has happened to it but that it went to a department: so it has no reply, no message, nothing that comes with an event of its own.
create function is_untouched(c wall.complaint) returns boolean language sql immutable as $$
    select c.version = 1 or c.version = 2 and c.status = 'assigned'
$$;

-- What a transition means for the counts and the dates in the cache.
create function count_move(inout c wall.complaint, at timestamptz, t transition, change jsonb) language plpgsql as $$
begin
    case t.action
        when 'ask' then c.asks := c.asks + 1;
        when 'interim' then c.interims := c.interims + 1;
        when 'return' then c.returns := c.returns + 1;
        when 'redo' then
            if t.source = 'answered' then
                c.redos := c.redos + 1;
            end if;
        when 'reopen' then
            c.redos := c.redos + 1;
            c.reopens := c.reopens + case when change ? 'by_reporter' then 1 else 0 end;
        when 'support' then c.supporters := c.supporters + 1;
        when 'unsupport' then c.supporters := c.supporters - 1;
        when 'merge' then c.parted := t.source;
        when 'unmerge' then
            c.parted := null;
            c.master := null;
        else null;
    end case;
    if t.action in ('answer', 'accept_reply') and t.source <> 'answered' then
        c.answered := at;
    elsif t.turns then
        c.answered := null;
    end if;
    c.closed := case when not is_final(c.status) then null when t.target is not null then at else c.closed end;
    c.result := case when is_final(c.status) then coalesce(change->>'result', c.result) end;
end $$;

-- Renews the cache of a complaint: the only update of wall.complaint.
create function keep(c wall.complaint) returns void language plpgsql as $$
begin
    update wall.complaint set
        status = c.status, turn = c.turn, department = c.department, category = c.category, urgent = c.urgent, publication = c.publication,
        pending_review = c.pending_review, publication_since = c.publication_since,
        round = c.round, reply_open = c.reply_open, reply_due = c.reply_due, overdue = c.overdue, first_reply = c.first_reply,
        answered = c.answered, closed = c.closed, result = c.result, master = c.master, parted = c.parted, received = c.received,
        asks = c.asks, interims = c.interims, returns = c.returns, redos = c.redos, reopens = c.reopens, supporters = c.supporters,
        identity = c.identity, alias = c.alias, visibility = c.visibility, round_times = c.round_times, submitted = c.submitted,
        last = c.last, hash = c.hash, version = c.version, entry = c.entry, responsibility = c.responsibility
    where community = c.community and complaint = c.complaint;
end $$;

-- Locks a complaint with those it is merged with (and one it is to be merged into), in order of id, settles each, and says at which moment
-- it is taken up: never before its own last event or a breach that is recorded, never in a day that is taken.
create function take_up(of_community text, of_complaint uuid, also uuid, out c wall.complaint, out at timestamptz) language plpgsql as $$
declare
    settled timestamptz;
    counted timestamptz;
    kin wall.complaint[];
    one wall.complaint;
begin
    perform pg_advisory_xact_lock_shared(community_lock(of_community));
    select h.settled_until, k.ahead into settled, counted from wall.community h left join wall.counting k using (community) where h.community = of_community;
    kin := array(
        select x from wall.complaint x
        where x.community = of_community and x.complaint = any(array(
            select complaint from wall.complaint where community = of_community and master = of_complaint
            union all select master from wall.complaint where community = of_community and complaint = of_complaint and master is not null
            union all select of_complaint union all select also))
        order by x.complaint for update);
    at := greatest(wall_now(), settled + interval '1 microsecond');
    foreach one in array kin loop
        at := greatest(at, one.last, (select max(m.at) + interval '1 microsecond' from wall.deadline_mark m
                                      where m.community = of_community and m.complaint = one.complaint and m.mark = 'breached'));
    end loop;
    if at <= counted then                        -- the clock was set back
        perform leave_out(of_community, array(select x.complaint from unnest(kin) as x), at);
    end if;
    foreach one in array kin loop
        one := settle(one, at);
        if one.complaint = of_complaint then
            c := one;
        end if;
    end loop;
end $$;

-- Who answers a complaint: what is merged into another one, its department.
create function answering_department(c wall.complaint) returns uuid language plpgsql stable as $$
begin
    if c.status = 'merged' then
        return (select m.department from wall.complaint m where m.community = c.community and m.complaint = c.master);
    end if;
    return c.department;
end $$;

-- Who this caller is to this complaint. Empty: it does not exist for him.
create function relations(c wall.complaint, who caller) returns text[] language plpgsql stable as $$
declare
    mine text[] := case when c.publication = 'published' and c.visibility = 'public' then '{public}' else '{}' end::text[];
begin
    case who.role
        when 'receipt' then
            if who.opened = c.complaint and who.actor is null then
                return mine || '{reporter}'::text[];
            end if;
            return case when mine <> '{}' and support_of(c, who) is not null then mine || '{supporter}'::text[] else mine end;
        when 'resident' then
            perform from wall.complaint_identity i where i.community = c.community and i.complaint = c.complaint and i.resident = who.actor;
            if found then
                return mine || '{reporter}'::text[];
            end if;
            return mine || case when mine <> '{}' and support_of(c, who) is not null then '{supporter}' else '{}' end::text[]
                || volunteer_relations(c, who);
        when 'officer' then
            if who.office = c.department then
                return mine || '{officer}'::text[];
            end if;
            return mine || array(select distinct case when kind = 'assist' then 'assistant' else 'former' end
                                  from wall.holding h where h.community = c.community and h.complaint = c.complaint and h.department = who.office)
                || case when c.status = 'merged' and who.office = answering_department(c) then '{assistant}' else '{}' end::text[];
        when 'dispatcher' then
            return mine || case when c.department = dispatch_office(c.community) then '{dispatcher,officer}' else '{dispatcher}' end::text[];
        when 'supervisor' then
            return mine || '{supervisor}'::text[];
        when 'visitor' then                      -- never one of the department that answers
            return case when who.office = c.department then mine else mine || '{visitor}'::text[] end;
        else
            return mine;
    end case;
end $$;

-- Beside the status: what stands in the way of an action at this moment. Null: nothing.
create function hindrance(c wall.complaint, at timestamptz, action text, who caller, p wall.policy) returns text language plpgsql stable as $$
declare
    hindered boolean;
begin
    case action                                  -- a statement for each: one expression of all would be made ready whole for each action
        when 'assign' then hindered := c.returns >= p.max_returns and who.role = 'dispatcher';
        when 'return' then hindered := c.returns >= p.max_returns or at > c.received + p.return_window or c.department = dispatch_office(c.community)
            or exists (select from wall.event e where e.community = c.community and e.complaint = c.complaint and e.action = 'return'
                       and e.data->>'from' = c.department::text);
        when 'ask' then hindered := c.asks >= p.max_asks;
        when 'interim' then hindered := c.interims >= p.max_interims;
        when 'correct' then hindered := not exists (select from wall.reply r where r.community = c.community and r.complaint = c.complaint and r.kind = 'answer');
        when 'redo' then hindered := c.status = 'answered' and at > c.answered + p.lapse
            or c.status = 'merged' and way_back((select m from wall.complaint m where m.community = c.community and m.complaint = c.master), at) is null;
        when 'reopen' then hindered := who.role <> 'supervisor' and (at > c.closed + p.reopen or c.reopens >= p.max_reopens);
        when 'rating' then hindered := c.status = 'closed' and (at > c.closed + p.rating or c.result = 'no_info')
            or c.status = 'merged' and not exists (select from wall.complaint m where m.community = c.community and m.complaint = c.master
                                                   and m.first_reply is not null);
        when 'support' then hindered := case who.role when 'public' then false when 'resident' then relations(c, who) && '{reporter,supporter}'
            when 'receipt' then who.actor is null or who.opened <> c.complaint or support_of(c, who) is not null else true end;
        when 'object' then hindered := at > c.closed + p.object
            or exists (select from wall.event e where e.community = c.community and e.complaint = c.complaint and e.action = 'object');
        when 'privacy' then hindered := c.identity = 'anonymous' and c.visibility = 'private' and c.round_times;
        when 'publish' then hindered := c.visibility <> 'public' or c.publication = 'published' or is_unfit(c) and c.result = 'spam';
        when 'hide' then hindered := c.publication = 'hidden';
        when 'merge' then hindered := exists (select from wall.complaint f where f.community = c.community and f.master = c.complaint and f.status = 'merged');
        when 'request_ledger' then hindered := ledger_pending(c, at) is not null;
        when 'approve_ledger' then hindered := ledger_pending(c, at) is null;
        when 'accept_reply' then hindered := held_reply(c) is null;
        when 'ledger_votes' then hindered := not may_vote(c, who);
        when 'claim' then hindered := claim_hindered(c, at, action, who, p);
        when 'finish_claim' then hindered := claim_hindered(c, at, action, who, p);
        when 'hand_back_claim' then hindered := claim_hindered(c, at, action, who, p);
        when 'confirm_claim' then hindered := claim_hindered(c, at, action, who, p);
        when 'pictures' then hindered := who.role = 'resident' and not ('reporter' = any(relations(c, who)) or is_at_work(c, who));
        when 'request_extension' then hindered := exists (select from wall.extension x where x.community = c.community and x.complaint = c.complaint)
            or not deadline_is_open(c, 'resolve');
        when 'approve_extension' then hindered := not deadline_is_open(c, 'resolve') or not exists (
            select from wall.extension x where x.community = c.community and x.complaint = c.complaint)
            or exists (select from wall.event e where e.community = c.community and e.complaint = c.complaint and e.action = 'approve_extension');
        else null;
    end case;
    if hindered then
        return 'not_allowed_now';
    end if;
    case action
        when 'rating' then
            if exists (select from wall.rating r where r.community = c.community and r.complaint = c.complaint and r.round = c.round
                       and r.support is not distinct from support_of(c, who)) then
                return 'already_rated';
            end if;
        when 'ledger_votes' then
            if has_voted(c, who) then
                return 'already_voted';
            end if;
        when 'pictures' then
            if (select count(*) = 9 from wall.picture x where x.community = c.community and x.complaint = c.complaint) then
                return 'too_many_pictures';
            end if;
        when 'urge' then
            if exists (select from wall.event e where e.community = c.community and e.complaint = c.complaint and e.action = 'urge'
                       and e.at > hindrance.at - p.urge) then
                return 'urged_already';
            end if;
        else null;
    end case;
    return null;
end $$;

-- By which action whose case was merged takes its master up again: the one the master's own reporter would have now, who may have confirmed it
-- meanwhile. Null: none any more.
create function way_back(m wall.complaint, at timestamptz) returns text language plpgsql stable as $$
declare
    action text := case m.status when 'answered' then 'redo' when 'closed' then 'reopen' when 'rejected' then 'object' end;
begin
    return case when hindrance(m, at, action, row(null, 'receipt', null, m.complaint, null)::caller, policy_of(m.community, m.policy)) is null
           then action end;
end $$;

create function deadline_is_open(c wall.complaint, of_kind text) returns boolean language plpgsql stable as $$
begin
    return exists (select from wall.timer t where t.community = c.community and t.complaint = c.complaint and t.kind = of_kind);
end $$;

-- What this caller may do now, from the same table that move() obeys.
create function actions_of(c wall.complaint, at timestamptz, who caller, relations text[]) returns text[] language plpgsql stable as $$
declare
    p wall.policy := policy_of(c.community, c.policy);
begin
    -- A case, so that the status is looked at first: it costs least, and few rows are left of some two hundred.
    return array(select t.action from transition t
                 where case when t.source = c.status then t.doers && relations and hindrance(c, at, t.action, who, p) is null end
                 order by t.action);
end $$;

-- Visible? permitted? the version seen? allowed now? - in this order, so that a stranger learns nothing. Returns the caller's relations.
create function may(c wall.complaint, at timestamptz, action text, who caller, of_version integer) returns text[] language plpgsql as $$
declare
    mine text[];
    here boolean;
    why text;
begin
    if c.complaint is null then
        perform refuse('not_found');
    end if;
    mine := relations(c, who);
    if mine = '{}' then
        perform refuse('not_found');
    end if;
    select bool_or(t.source = c.status) into here from transition t where t.action = may.action and t.doers && mine;
    if here is null then
        perform refuse('not_permitted');
    end if;
    if of_version <> c.version then
        perform refuse('changed_meanwhile');
    end if;
    why := case when here then hindrance(c, at, action, who, policy_of(c.community, c.policy)) else 'not_allowed_now' end;
    if why is not null then
        perform refuse(why, jsonb_build_object('allowed', actions_of(c, at, who, mine)));
    end if;
    return mine;
end $$;
