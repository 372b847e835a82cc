-- How things are shown: one function for each thing, finished JSON as text. What runs for public requests names its tables without a
-- schema, so that there it sees the views of `published`.

create function json_list(items text) returns text language sql immutable as $$
    select '[' || coalesce(items, '') || ']'
$$;

-- A piece of a text, without what turns the direction of writing: where it ends inside, it would turn what stands behind it (text/visible.h).
create function unturned(piece text) returns text language sql immutable as $$
    select translate(piece, U&'\202A\202B\202C\202D\202E\2066\2067\2068\2069', '')
$$;

-- What lists show of a complaint, to everybody: with texts as the public may read them. Kept with it (wall.complaint.entry), so that a list is only put together.
create function entry_json(c wall.complaint) returns text language plpgsql stable as $$
begin
    return (select row_to_json(e)::text from (
        select c.complaint as id, c.number, coalesce(c.masked_title, c.title) as title, unturned(left(coalesce(c.masked_text, c.text), 120)) as excerpt, c.category,
               (select k.name from wall.category k where k.community = c.community and k.code = c.category) as category_name,
               c.identity, c.visibility, c.publication, c.status, c.urgent,
               (select json_build_object('id', d.department, 'name', d.name) from wall.department d
                where d.community = c.community and d.department = c.department) as department,
               c.building, coalesce(c.masked_place, c.place) as place, c.latitude, c.longitude, c.channel, instant(c.submitted) as submitted, instant(c.reply_due) as reply_due, c.overdue,
               c.turn, instant(c.first_reply) as first_reply, instant(c.answered) as answered, instant(case when c.closed is not null then greatest(shown_at(c, c.closed), c.answered) end) as closed, c.result,
               c.master as merged_into, c.supporters,
               (select '/v1/pictures/' || encode(p.hash, 'hex') || '?size=thumbnail' from wall.picture p
                where p.community = c.community and p.complaint = c.complaint order by p.n limit 1) as thumbnail, c.version) as e);
end $$;

-- The same for those who handle it: as it was written.
create function entry_inside(c wall.complaint) returns text language plpgsql stable as $$
begin
    if coalesce(c.masked_title, c.masked_text, c.masked_place) is null then
        return c.entry;
    end if;
    c.masked_title := null;
    c.masked_text := null;
    c.masked_place := null;
    return entry_json(c);
end $$;

-- The replies, oldest first; of a merged case the public ones of its master as well. Private texts only for those inside.
create function reply_counts(r wall.reply) returns boolean language plpgsql stable as $$
begin
    if r.counts then
        return true;
    end if;
    return exists (select from wall.reply_acceptance a where a.community = r.community and a.complaint = r.complaint and a.reply = r.reply);
end $$;

create function reply_json(r wall.reply, department_name text, inside boolean) returns text language sql stable as $$
    select json_build_object('id', r.reply, 'kind', r.kind, 'at', instant(r.at), 'department', json_build_object('id', r.department, 'name', department_name),
                             'public_text', case when inside then r.public_text else coalesce(r.masked, r.public_text) end,
                             'private_text', case when inside then r.private_text end, 'promised', r.promised, 'corrects', r.corrects, 'counts', reply_counts(r))::text
$$;

create function replies_json(c wall.complaint) returns text language plpgsql stable as $$
begin
    return (select json_list(string_agg(reply_json(r, d.name, r.complaint = c.complaint), ',' order by r.seq))
            from wall.reply r join wall.department d using (community, department)
            where r.community = c.community and (r.complaint = c.complaint or r.complaint = c.master and r.public_text is not null));
end $$;

create function public_replies_json(of_community text, of_complaint uuid, of_master uuid) returns text language plpgsql stable as $$
begin
    return (select json_list(string_agg(json_build_object(
                'id', r.reply, 'kind', r.kind, 'at', instant(r.at), 'department', json_build_object('id', r.department, 'name', d.name),
                'public_text', coalesce(r.masked, r.public_text), 'promised', r.promised, 'corrects', r.corrects, 'counts', r.counts)::text, ','
                order by r.seq))
            from reply r join department d using (community, department)
            where r.community = of_community and r.complaint in (of_complaint, of_master) and r.public_text is not null);
end $$;

create function messages_json(c wall.complaint) returns text language plpgsql stable as $$
begin
    return (select json_list(string_agg(json_build_object('id', message, 'kind', kind, 'from', author_kind, 'at', instant(case when m.author_kind = 'reporter' then shown_at(c, m.at) else m.at end), 'text', m.text)::text, ','
                                        order by m.seq))
            from wall.message m where m.community = c.community and m.complaint = c.complaint);
end $$;

create function notes_json(c wall.complaint) returns text language plpgsql stable as $$
begin
    return (select json_list(string_agg(json_build_object('id', note, 'author', author, 'at', instant(n.at), 'text', n.text)::text, ',' order by n.seq))
            from wall.note n where n.community = c.community and n.complaint = c.complaint);
end $$;

create function holdings_json(c wall.complaint) returns text language plpgsql stable as $$
begin
    return (select json_list(string_agg(json_build_object('department', json_build_object('id', h.department, 'name', d.name), 'kind', h.kind,
                                                          'began', instant(shown_at(c, h.began)))::text, ',' order by h.seq))
            from wall.holding h join wall.department d using (community, department)
            where h.community = c.community and h.complaint = c.complaint);
end $$;

create function deadlines_json(c wall.complaint) returns text language plpgsql stable as $$
begin
    return (select json_list(string_agg(json_build_object(
        'kind', d.kind, 'round', d.round, 'began', instant(shown_at(c, d.began)), 'due', instant(shown_at(c, d.due)), 'met', instant(shown_at(c, m.met)), 'breached', instant(shown_at(c, m.breached)),
        'void', instant(shown_at(c, m.void)))::text, ',' order by d.began, d.kind, d.round))
        from wall.deadline d
        left join (
            select k.kind, k.round, max(k.at) filter (where k.mark = 'met') as met, max(k.at) filter (where k.mark = 'breached') as breached,
                   max(k.at) filter (where k.mark = 'void') as void
            from wall.deadline_mark k where k.community = c.community and k.complaint = c.complaint group by k.kind, k.round) m using (kind, round)
        where d.community = c.community and d.complaint = c.complaint);
end $$;

create function visits_json(c wall.complaint) returns text language plpgsql stable as $$
begin
    return (select json_list(string_agg(json_build_object('id', followup, 'at', instant(f.at), 'channel', channel, 'reached', reached, 'contacted', contacted,
                                                          'solved', solved, 'stars', stars, 'comment', comment)::text, ',' order by f.seq))
            from wall.followup f where f.community = c.community and f.complaint = c.complaint);
end $$;

-- All, or those of one supporter.
create function ratings_json(c wall.complaint, of_support uuid default null) returns text language plpgsql stable as $$
begin
    return (select json_list(string_agg(json_build_object('round', r.round, 'by', case when r.support is null then 'reporter' else 'supporter' end,
                                                          'at', instant(shown_at(c, r.at)), 'stars', stars, 'solved', solved, 'comment', comment, 'counts', counts)::text,
                                        ',' order by r.round, r.at))
            from wall.rating r where r.community = c.community and r.complaint = c.complaint and (of_support is null or r.support = of_support));
end $$;

-- Since when it is shown or not, whether somebody has to look, and the reason it was hidden for.
create function publication_reason(of_community text, of_complaint uuid) returns text language plpgsql stable as $$
begin
    return (select m.text from wall.message m where m.community = of_community and m.complaint = of_complaint and m.kind = 'hide' order by m.seq desc limit 1);
end $$;

create function publication_json(c wall.complaint) returns text language plpgsql stable as $$
begin
    return ',"pending_review":' || c.pending_review || ',"publication_since":"' || instant(c.publication_since) || '","publication_reason":'
        || coalesce(to_json(case when c.publication = 'hidden' then
                        case when is_unfit(c) then c.result else publication_reason(c.community, c.complaint) end end)::text, 'null');
end $$;

-- Which of its parts there may be. Most complaints have few of them, and one look at all costs a third of as many; one to which nothing has happened
-- has none of those that come with an event.
create function parts_of(c wall.complaint, out replies boolean, out pictures boolean, out messages boolean, out notes boolean, out cluster boolean,
                         out supervision boolean, out visits boolean, out ratings boolean, out ledger boolean, out claims boolean) language plpgsql stable as $$
begin
    if is_untouched(c) then
        cluster := true;                         -- likeness and supervision make no event; the others stay null
        supervision := true;
        return;
    end if;
    select exists (select from wall.reply x where x.community = c.community and x.complaint = any(array[c.complaint, c.master])),
           exists (select from wall.picture x where x.community = c.community and x.complaint = c.complaint),
           exists (select from wall.message x where x.community = c.community and x.complaint = c.complaint),
           exists (select from wall.note x where x.community = c.community and x.complaint = c.complaint),
           exists (select from wall.cluster_member x where x.community = c.community and x.complaint = c.complaint),
           exists (select from wall.supervision x where x.community = c.community and x.complaint = c.complaint),
           exists (select from wall.followup x where x.community = c.community and x.complaint = c.complaint),
           exists (select from wall.rating x where x.community = c.community and x.complaint = c.complaint),
           exists (select from wall.ledger x where x.community = c.community and x.complaint = c.complaint),
           exists (select from wall.claim x where x.community = c.community and x.complaint = c.complaint)
    into replies, pictures, messages, notes, cluster, supervision, visits, ratings, ledger, claims;
end $$;

-- What is merged into it: whoever answers, answers them.
create function followers_json(c wall.complaint) returns text language plpgsql stable as $$
begin
    return (select json_list(string_agg(json_build_object('id', f.complaint, 'number', f.number)::text, ',' order by f.complaint))
            from wall.complaint f where f.community = c.community and f.master = c.complaint and f.status = 'merged');
end $$;

-- A complaint as this caller sees it.
create function complaint_json(c wall.complaint, who caller, mine text[]) returns text language plpgsql stable as $$
declare
    shown text := left(entry_inside(c), -1) || ',"text":' || to_json(c.text);
    responsibility text := responsibility_shown(c);
    has record;
begin
    if not is_inside(mine) then
        return left(c.entry, -1) || ',"text":' || to_json(coalesce(c.masked_text, c.text)) || ',"replies":' || public_replies_json(c.community, c.complaint, c.master)
            || ',"notices":' || notices_json(c.community, c.complaint)
            || ',"pictures":' || pictures_json(c.community, c.complaint)
            || ',"responsibility":' || responsibility
            || case when 'supporter' = any(mine) then ',"ratings":' || ratings_json(c, support_of(c, who)) else '' end
            || ',"actions":' || array_to_json(actions_of(c, wall_now(), who, mine)) || '}';
    end if;
    shown := shown || ',"alias":' || coalesce(to_json(c.alias)::text, 'null') || ',"round_times":' || c.round_times;
    if 'reporter' = any(mine) then
        c.round_times := false;                  -- from the reporter his own moments are not kept
    end if;
    has := parts_of(c);
    return shown
        || ',"replies":' || case when has.replies then replies_json(c) else '[]' end
        || ',"pictures":' || case when has.pictures then pictures_json(c.community, c.complaint) else '[]' end
        || ',"responsibility":' || responsibility
        || publication_json(c)
        || ',"notices":' || notices_json(c.community, c.complaint)
        || ',"messages":' || case when has.messages then messages_json(c) else '[]' end
        || case when 'reporter' = any(mine) then '' else ',"notes":' || case when has.notes then notes_json(c) else '[]' end
            || ',"cluster":' || case when has.cluster then coalesce(cluster_json(c), 'null') else 'null' end
            || ',"followers":' || followers_json(c)
            || ',"supervision":' || case when has.supervision then supervisions_json(c) else '[]' end end
        || case when mine && '{dispatcher,supervisor}' then ',"classification":' || classification_json(c) else '' end
        || ',"visits":' || case when has.visits then visits_json(c) else '[]' end
        || ',"ratings":' || case when has.ratings then ratings_json(c) else '[]' end
        || ',"ledger":' || case when has.ledger then ledgers_json(c.community, c.complaint, c.status) else '[]' end
        || ',"claims":' || case when has.claims then claims_json(c) else '[]' end
        || ',"holdings":' || holdings_json(c)
        || ',"deadlines":' || deadlines_json(c)
        || ',"actions":' || array_to_json(actions_of(c, wall_now(), who, mine)) || '}';
end $$;

-- The name and phone of a reporter, sealed, for those who may open them: of a named one the staff concerned, of a masked one only the visitor.
create function contact_of(c wall.complaint, mine text[], out sealed bytea, out sealed_for text) language plpgsql stable as $$
begin
    if mine && '{reporter,visitor}' or c.identity = 'named' and mine && '{officer,assistant,dispatcher,supervisor}' then
        select coalesce(i.sealed, r.sealed), case when i.sealed is null then r.resident else i.complaint end::text into sealed, sealed_for
        from wall.complaint_identity i left join wall.resident r on r.community = i.community and r.resident = i.resident
        where i.community = c.community and i.complaint = c.complaint;
    end if;
end $$;

create function show_published(of_community text, of_complaint uuid)
returns table (body text, version integer, sealed bytea, sealed_for text) language plpgsql stable as $$
begin
    return query select left(p.entry, -1) || ',"text":' || to_json(p.text) || ',"replies":' || public_replies_json(p.community, p.complaint, p.master)
                        || ',"notices":' || notices_json(p.community, p.complaint)
                        || ',"pictures":' || pictures_json(p.community, p.complaint)
                        || ',"responsibility":' || coalesce(p.responsibility, responsibility_json(p.community, p.complaint))
                        || case when is_final(p.status) then ',"actions":[]}' else ',"actions":["support"]}' end, p.version, null::bytea, null::text
                 from complaint p where p.community = of_community and p.complaint = of_complaint;
end $$;

create function show_inside(of_community text, of_complaint uuid, who caller)
returns table (body text, version integer, sealed bytea, sealed_for text) language plpgsql stable as $$
declare
    c wall.complaint;
    mine text[];
begin
    select * into c from wall.complaint x where x.community = of_community and x.complaint = of_complaint;
    mine := relations(c, who);
    if c.complaint is not null and mine <> '{}' then
        return query select complaint_json(c, who, mine), c.version, k.sealed, k.sealed_for from contact_of(c, mine) k;
    end if;
end $$;

create function show_complaint(of_community text, of_complaint uuid, who caller)
returns table (body text, version integer, sealed bytea, sealed_for text) language plpgsql stable as $$
begin
    if who.role = 'public' then
        return query select * from show_published(of_community, of_complaint);
    else
        return query select * from show_inside(of_community, of_complaint, who);
    end if;
end $$;

-- The history, oldest first: everything to those who may see the case, the public part of a published one to everybody.
create function events_published(of_community text, of_complaint uuid) returns text language plpgsql stable as $$
begin
    return (select '{"items":' || json_list(string_agg(json_build_object(
                'seq', e.place, 'at', instant(e.shown), 'action', e.action, 'status', e.status, 'turn', e.turn, 'department', e.department)::text, ','
                order by e.seq)) || ',"next":null}'
            from (select x.*, case when x.round_times then row_number() over past else x.seq end as place, max(x.at) over past as shown
                  from published.event x where x.community = of_community and x.complaint = of_complaint window past as (order by x.seq)) as e
            having count(*) > 0);
end $$;

create function events_inside(of_community text, of_complaint uuid, who caller) returns text language plpgsql stable as $$
declare
    c wall.complaint;
    mine text[];
begin
    select * into c from wall.complaint x where x.community = of_community and x.complaint = of_complaint;
    mine := relations(c, who);
    if c.complaint is null or mine = '{}' then
        return null;
    end if;
    if not is_inside(mine) then
        return events_published(of_community, of_complaint);
    end if;
    c.round_times := c.round_times and not 'reporter' = any(mine);
    return (select '{"items":' || json_list(string_agg(json_build_object(
                'seq', e.place, 'at', instant(e.shown), 'action', e.action, 'by', e.actor_kind, 'status', e.status, 'turn', e.turn, 'department', e.department,
                'data', e.data, 'content', encode(e.content, 'hex'), 'hash', encode(e.hash, 'hex'), 'covered', e.covered)::text, ',' order by e.seq))
                || ',"next":null}'
            from (
                select x.*, case when c.round_times then row_number() over past else x.seq end as place,
                       max(event_at(c, x)) over past as shown, case when not c.round_times then convert_from(canonical(x), 'UTF8') end as covered
                from wall.event x where x.community = of_community and x.complaint = of_complaint window past as (order by x.seq)) as e
            where not ('reporter' = any(mine) and e.action = 'notes'));
end $$;

create function show_events(of_community text, of_complaint uuid, who caller) returns text language plpgsql stable as $$
begin
    if who.role = 'public' then
        return events_published(of_community, of_complaint);
    end if;
    return events_inside(of_community, of_complaint, who);
end $$;

-- What of a case's history everybody may know.
create table public_action as
select unnest('{submit,assign,accept,return,reassign,ask,supply,interim,answer,hold_back,accept_reply,correct,confirm,lapse,redo,reopen,approve_ledger,milestones,end_ledger,
    vote_passed,vote_failed,reject,object,merge,unmerge,withdraw,publish,hide,urgent,rating,breach,promise_broken,master_replied,master_answered}'::text[])
    as action;
