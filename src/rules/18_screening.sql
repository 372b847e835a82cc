-- Supervision lists (筛查分析): what is late, repeated, concentrated, stuck, on the books, hollow. A hit names the rules that fired and what made them
-- fire. Candidates come by index, newest or oldest first, and a page looks at so many of them at most: then it ends early, with a cursor.

create type candidate as (key timestamptz, id uuid);

-- A page of hits under way.
create type hits as (keys text[], ids uuid[], entries text[]);

create function hit_rule(name text, facts jsonb) returns jsonb language sql immutable as $$
    select jsonb_build_array(jsonb_build_object('rule', name, 'facts', facts))
$$;

create function is_shown(c wall.complaint) returns boolean language sql immutable as $$
    select c.publication = 'published' and c.visibility = 'public'
$$;

-- A complaint as lists show it. Those who are let look without being of the working group see nothing of what is not published.
create function hit_entry(c wall.complaint, inside boolean) returns json language plpgsql stable as $$
begin
    if inside or is_shown(c) then
        return c.entry::json;
    end if;
    return jsonb_set(c.entry::jsonb, '{excerpt}', '""')
        || '{"title": null, "building": null, "place": null, "latitude": null, "longitude": null, "thumbnail": null}';
end $$;

create function hit_json(subject text, since timestamptz, entry json, of_cluster uuid, category text, building text, reply json, rules jsonb) returns text
language sql stable as $$
    select json_build_object('subject', subject, 'since', instant(since), 'complaint', entry, 'cluster', of_cluster, 'category', category,
                             'building', building, 'reply', reply, 'rules', rules)::text
$$;

create function is_counted(c wall.complaint) returns boolean language sql immutable as $$
    select c.status <> 'withdrawn' and not is_unfit(c)
$$;

-- Overdue

-- The exact due decides, which a reporter may have asked to be shown rounded.
create function overdue_rules(c wall.complaint, now timestamptz, under wall.policy default null) returns jsonb language plpgsql stable as $$
declare
    due timestamptz := (select coalesce(d.began + under.reply, d.due) from wall.deadline d
                        where d.community = c.community and d.complaint = c.complaint and d.kind = 'reply' and d.round = c.round);
begin
    if due >= now then
        return '[]';
    end if;
    return hit_rule('overdue', jsonb_build_object(
        'due', instant(shown_at(c, due)), 'seconds', floor(extract(epoch from now - shown_at(c, due)))::bigint, 'reminders', (
            select count(*) from wall.reminder r where r.community = c.community and r.complaint = c.complaint and r.round = c.round)));
end $$;

-- Repeated

-- What the same person has filed since then, whether signed in or by phone. Who stays anonymous is known to nobody.
create function filed_by_same(c wall.complaint, since timestamptz) returns uuid[] language plpgsql stable as $$
declare
    who uuid;
    phone bytea;
begin
    select i.resident, coalesce(i.phone_hash, r.phone_hash) into who, phone
    from wall.complaint_identity i left join wall.resident r on r.community = i.community and r.resident = i.resident
    where i.community = c.community and i.complaint = c.complaint;
    who := coalesce(who, (select r.resident from wall.resident r where r.community = c.community and r.phone_hash = phone));
    return array(
        select x.complaint from wall.complaint x
        where x.community = c.community and x.submitted >= since and is_counted(x) and x.complaint in (
            select i.complaint from wall.complaint_identity i where i.community = c.community and i.resident = who
            union select i.complaint from wall.complaint_identity i where i.community = c.community and i.phone_hash = phone)
        order by x.complaint);
end $$;

-- To those who are let look, what is not published would be tied by this to what is, and so to a person.
create function same_reporter(c wall.complaint, p wall.policy, since timestamptz, inside boolean) returns jsonb language plpgsql stable as $$
declare
    filed uuid[] := filed_by_same(c, since);
begin
    if not c.complaint = any(filed) or cardinality(filed) < p.repeated_from or not (inside or is_shown(c)) then
        return '[]';
    end if;
    return hit_rule('same_reporter', jsonb_build_object('count', cardinality(filed), 'since', instant(since))
                    || case when inside then jsonb_build_object('complaints', filed[:50]) else '{}' end);
end $$;

-- Nor are they told what a private one is about by those that are like it.
create function same_cluster(c wall.complaint, p wall.policy, since timestamptz, inside boolean) returns jsonb language plpgsql stable as $$
declare
    own uuid := (select m.cluster from wall.cluster_member m where m.community = c.community and m.complaint = c.complaint
                 and m.submitted >= same_cluster.since);
    count integer := cardinality(counted_members(c.community, own, since));
begin
    if count < p.repeated_from or not (inside or is_shown(c)) then
        return '[]';
    end if;
    return hit_rule('same_cluster', jsonb_build_object('cluster', own, 'count', count, 'since', instant(since), 'reporters',
                                                       cluster_reporters(c.community, own, since)));
end $$;

create function redone(c wall.complaint, threshold integer) returns jsonb language plpgsql stable as $$
begin
    if c.redos < threshold then
        return '[]';
    end if;
    return hit_rule('redone', jsonb_build_object('count', c.redos, 'moments', (
        select jsonb_agg(instant(event_at(c, e)) order by e.seq) from wall.event e
        where e.community = c.community and e.complaint = c.complaint and e.action in ('redo', 'reopen'))));
end $$;

create function repeated_rules(c wall.complaint, p wall.policy, now timestamptz, inside boolean) returns jsonb language plpgsql stable as $$
begin
    if not is_counted(c) then
        return '[]';
    end if;
    return same_reporter(c, p, now - p.repeated_within, inside) || same_cluster(c, p, now - p.repeated_within, inside) || redone(c, p.repeated_redos);
end $$;

-- Stuck

create function passed_around(c wall.complaint, p wall.policy) returns jsonb language plpgsql stable as $$
declare
    held jsonb := (
        select jsonb_agg(jsonb_build_object('department', h.department, 'began', instant(shown_at(c, h.began))) order by h.seq) from wall.holding h
        where h.community = c.community and h.complaint = c.complaint and h.kind = 'lead' and h.department <> dispatch_office(c.community));
    departments integer := (select count(distinct h->'department') from jsonb_array_elements(held) as h);
begin
    return case when departments >= p.stuck_departments then hit_rule('departments', jsonb_build_object('count', departments, 'holdings', held))
                else '[]' end
        || case when c.returns >= p.stuck_returns then hit_rule('returned', jsonb_build_object('count', c.returns)) else '[]' end;
end $$;

-- When its replies were late; by another time to reply, when they would have been.
create function late_moments(c wall.complaint, now timestamptz, under wall.policy) returns timestamptz[] language plpgsql stable as $$
begin
    if under.reply is null then
        return array(select m.at from wall.deadline_mark m
                     where m.community = c.community and m.complaint = c.complaint and m.kind = 'reply' and m.mark = 'breached' order by m.at);
    end if;
    return array(
        select d.began + under.reply from wall.deadline d
        where d.community = c.community and d.complaint = c.complaint and d.kind = 'reply' and d.began + under.reply < now and not exists (
            select from wall.deadline_mark m where m.community = d.community and m.complaint = d.complaint and m.kind = d.kind and m.round = d.round
            and m.mark in ('met', 'void') and m.at <= d.began + under.reply)
        order by 1);
end $$;

create function late_often(c wall.complaint, p wall.policy, now timestamptz, under wall.policy) returns jsonb language plpgsql stable as $$
declare
    late timestamptz[];
begin
    if c.round + 1 < p.stuck_late or not c.overdue and under.reply is null then
        return '[]';
    end if;
    late := late_moments(c, now, under);
    return case when cardinality(late) >= p.stuck_late
                then hit_rule('late', jsonb_build_object('count', cardinality(late), 'moments', (select jsonb_agg(instant(shown_at(c, l))) from unnest(late) as l)))
                else '[]' end;
end $$;

create function stuck_rules(c wall.complaint, p wall.policy, now timestamptz, under wall.policy default null) returns jsonb language plpgsql stable as $$
begin
    return redone(c, p.stuck_redos) || passed_around(c, p) || late_often(c, p, now, under)
        || case when now - c.submitted > p.stuck_open then hit_rule('open', jsonb_build_object(
               'submitted', instant(c.submitted), 'days', floor(extract(epoch from now - c.submitted) / 86400)::integer)) else '[]' end;
end $$;

-- Ledgered

-- Back on the clock because its review passed, and nobody has answered since.
create function review_passed(c wall.complaint) returns timestamptz language plpgsql stable as $$
begin
    return (select max(m.at) from wall.deadline_mark m
            where m.community = c.community and m.complaint = c.complaint and m.kind = 'ledger_review' and m.mark = 'breached'
              and c.status in ('submitted', 'assigned', 'accepted') and c.turn = 'department');
end $$;

create function ledgered_rules(c wall.complaint, p wall.policy) returns jsonb language plpgsql stable as $$
declare
    plans jsonb := (select jsonb_agg(jsonb_build_object('approved', instant(s.at), 'review', l.review) order by s.seq)
                    from wall.ledger_step s join wall.ledger l using (community, complaint, ledger)
                    where s.community = c.community and s.complaint = c.complaint and s.kind = 'approved');
    passed timestamptz := review_passed(c);
begin
    return case when c.status = 'ledgered' then hit_rule('approved', plans->-1) else '[]' end
        || case when passed is not null then hit_rule('review_overdue', jsonb_build_object('since', instant(shown_at(c, passed)))) else '[]' end
        || case when jsonb_array_length(plans) - 1 >= p.ledger_changes
                then hit_rule('changed', jsonb_build_object('count', jsonb_array_length(plans) - 1, 'plans', plans)) else '[]' end;
end $$;

-- Hollow

-- What C has read of an answer is kept with it; `folded` is its public text.
create function note_reading(c wall.complaint, at timestamptz, reading jsonb, input jsonb) returns void language plpgsql as $$
declare
    words text := regexp_replace(coalesce(reading->'folded'->>'public_text', lower(input->>'private_text')), '[[:space:][:punct:]，。！？、；：（）“”…—]+', '', 'g');
begin
    insert into wall.reply_reading
    select c.community, c.complaint, r.reply, note_reading.at, r.department, (reading->'hollow'->>'letters')::integer,
           (reading->'hollow'->>'rest')::integer, (reading->'hollow'->>'undated')::boolean, sha256(convert_to(words, 'UTF8'))
    from wall.reply r where r.community = c.community and r.complaint = c.complaint and reading ? 'hollow'
    order by r.seq desc limit 1;
end $$;

-- Is what it says for everybody to read?
create function is_open_reply(k wall.reply_reading) returns boolean language plpgsql stable as $$
begin
    return exists (select from wall.reply r join wall.complaint c using (community, complaint)
                   where r.community = k.community and r.complaint = k.complaint and r.reply = k.reply and r.public_text is not null and is_shown(c));
end $$;

-- Those who are let look would read a private answer off a public one that says the same: to them only public ones are used again.
create function used_again(k wall.reply_reading, p wall.policy, now timestamptz, inside boolean) returns jsonb language plpgsql stable as $$
declare
    same uuid[] := array(select x.reply from wall.reply_reading x
                         where x.community = k.community and x.fingerprint = k.fingerprint and x.at >= now - p.hollow_within
                           and (inside or is_open_reply(x))
                         order by x.at, x.reply);
begin
    return case when k.reply = any(same) and cardinality(same) >= p.hollow_uses
                then hit_rule('used_again', jsonb_build_object('count', cardinality(same), 'replies', to_jsonb(same[:50]))) else '[]' end;
end $$;

create function bunched(k wall.reply_reading, p wall.policy, under wall.policy) returns jsonb language plpgsql stable as $$
declare
    cutoff timestamptz := cutoff_after(k.community, k.at, under);
    beside uuid[];
begin
    if k.at <= cutoff - p.hollow_last then
        return '[]';
    end if;
    beside := array(select x.reply from wall.reply_reading x
                    where x.community = k.community and x.department = k.department and x.at > cutoff - p.hollow_last and x.at <= cutoff order by x.at, x.reply);
    return case when cardinality(beside) >= p.hollow_bunch
                then hit_rule('bunched', jsonb_build_object('count', cardinality(beside), 'cutoff', instant(cutoff), 'replies', to_jsonb(beside[:50])))
                else '[]' end;
end $$;

create function hollow_rules(k wall.reply_reading, p wall.policy, now timestamptz, inside boolean, under wall.policy default null) returns jsonb
language plpgsql stable as $$
begin
    return used_again(k, p, now, inside)
        || case when k.letters < p.hollow_length then hit_rule('too_short', jsonb_build_object('letters', k.letters)) else '[]' end
        || case when k.rest < least(5, k.letters) then hit_rule('stock_phrases', jsonb_build_object('letters', k.letters, 'rest', k.rest)) else '[]' end
        || bunched(k, p, under)
        || case when k.undated then hit_rule('undated', '{}') else '[]' end;
end $$;

-- What it says, to those who may read it.
create function hollow_reply(r wall.reply, c wall.complaint, inside boolean) returns json language plpgsql stable as $$
begin
    return json_build_object('id', r.reply, 'at', instant(r.at), 'department', department_word(r.community, r.department), 'counts', reply_counts(r), 'text',
        case when inside then coalesce(r.public_text, r.private_text)
             when is_shown(c) then coalesce(r.masked, r.public_text) end);
end $$;

-- Pages of complaints and replies

create function candidates_to_look_at() returns integer language sql immutable as 'select 4000';

create function list_candidates(of_community text, of_list text, p wall.policy, now timestamptz, after_key timestamptz, after_id uuid,
                                most integer default candidates_to_look_at(), under wall.policy default null) returns setof candidate
language plpgsql stable as $$
declare
    first candidate := row(coalesce(after_key, '-infinity'), coalesce(after_id, '00000000-0000-0000-0000-000000000000'));
    last candidate := row(coalesce(after_key, 'infinity'), coalesce(after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'));
begin
    case of_list
        when 'overdue' then return query
            select c.reply_due, c.complaint from wall.complaint c
            where c.community = of_community and c.turn = 'department' and c.reply_due <= case when under.reply is null then now else 'infinity' end
              and (c.reply_due, c.complaint) > (first.key, first.id)
            order by c.reply_due, c.complaint limit most;
        when 'stuck' then return query
            select c.submitted, c.complaint from wall.complaint c
            where c.community = of_community and c.status not in ('closed', 'rejected', 'merged', 'withdrawn')
              and (c.submitted, c.complaint) > (first.key, first.id)
            order by c.submitted, c.complaint limit most;
        when 'ledgered' then return query
            select k.submitted, k.complaint from (
                select c.submitted, c.complaint from wall.complaint c where c.community = of_community and c.status = 'ledgered'
                union
                select c.submitted, c.complaint from wall.deadline_mark m join wall.complaint c using (community, complaint)
                where m.community = of_community and m.kind = 'ledger_review' and m.mark = 'breached' and review_passed(c) is not null) as k
            where (k.submitted, k.complaint) > (first.key, first.id)
            order by k.submitted, k.complaint limit most;
        when 'repeated' then return query
            (select c.submitted, c.complaint from wall.complaint c
             where c.community = of_community and c.submitted >= now - p.repeated_within and (c.submitted, c.complaint) < (last.key, last.id)
             order by c.submitted desc, c.complaint desc limit most)
            union
            (select c.submitted, c.complaint from wall.complaint c
             where c.community = of_community and c.redos > 0 and c.status not in ('closed', 'rejected', 'merged', 'withdrawn')
               and (c.submitted, c.complaint) < (last.key, last.id)
             order by c.submitted desc, c.complaint desc limit most)
            order by 1 desc, 2 desc limit most;
        when 'hollow' then return query
            select k.at, k.reply from wall.reply_reading k
            where k.community = of_community and k.at >= now - p.hollow_within and (k.at, k.reply) < (last.key, last.id)
            order by k.at desc, k.reply desc limit most;
    end case;
end $$;

-- The rules that fire for a candidate, each with its facts.
create function rules_fired(of_community text, k candidate, of_list text, p wall.policy, now timestamptz, inside boolean, under wall.policy default null)
returns jsonb language plpgsql stable as $$
declare
    c wall.complaint;
    g wall.reply_reading;
begin
    if of_list = 'hollow' then
        select * into g from wall.reply_reading x where x.community = of_community and x.at = k.key and x.reply = k.id;
        return hollow_rules(g, p, now, inside, under);
    end if;
    select * into c from wall.complaint x where x.community = of_community and x.complaint = k.id;
    return case of_list
        when 'overdue' then overdue_rules(c, now, under)
        when 'repeated' then repeated_rules(c, p, now, inside)
        when 'stuck' then stuck_rules(c, p, now, under)
        when 'ledgered' then ledgered_rules(c, p) end;
end $$;

-- One candidate as a hit; null: it is none.
create function hit_of(of_community text, k candidate, of_list text, p wall.policy, now timestamptz, inside boolean) returns text language plpgsql stable as $$
declare
    c wall.complaint;
    r wall.reply;
    rules jsonb := rules_fired(of_community, k, of_list, p, now, inside);
begin
    if rules = '[]' then
        return null;
    end if;
    if of_list = 'hollow' then
        select x.* into r from wall.reply_reading g join wall.reply x using (community, complaint, reply)
        where g.community = of_community and g.at = k.key and g.reply = k.id;
    end if;
    select * into c from wall.complaint x where x.community = of_community and x.complaint = coalesce(r.complaint, k.id);
    return hit_json(case when of_list = 'hollow' then 'reply' else 'complaint' end, k.key, hit_entry(c, inside), null, c.category,
                    case when inside then c.building end, case when of_list = 'hollow' then hollow_reply(r, c, inside) end, rules);
end $$;

create function list_hits(of_community text, of_list text, inside boolean, size integer, after_key timestamptz, after_id uuid) returns page
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
declare
    now timestamptz := wall_now();
    p wall.policy := policy_at(of_community, now);
    found hits := row('{}', '{}', '{}');
    looked integer := 0;
    k candidate;
    shown text;
begin
    for k in select * from list_candidates(of_community, of_list, p, now, after_key, after_id) loop
        looked := looked + 1;
        shown := hit_of(of_community, k, of_list, p, now, inside);
        if shown is not null then
            found := row(found.keys || k.key::text, found.ids || k.id, found.entries || shown);
            exit when cardinality(found.ids) > size;
        end if;
    end loop;
    if looked < candidates_to_look_at() or cardinality(found.ids) > size then
        return page_of(found.keys, found.ids, found.entries, size);
    end if;
    return row('{"items":' || json_list(array_to_string(found.entries, ',')) || '}', k.key::text, k.id)::page;
end $$;

-- Concentrated

create type gathering as (subject text, since timestamptz, id uuid, cluster uuid, category text, building text, rule text, facts jsonb);

create function gathered_clusters(of_community text, p wall.policy, since timestamptz) returns setof gathering language plpgsql stable as $$
begin
    return query
        select 'cluster', k.latest, k.cluster, k.cluster, null::text, null::text, 'cluster',
               jsonb_build_object('reporters', k.reporters, 'count', cardinality(k.complaints), 'since', instant(gathered_clusters.since),
                                  'complaints', to_jsonb(k.complaints[:50]))
        from (select g.cluster, g.complaints, reporters_of(of_community, g.complaints) as reporters, (
                  select max(m.submitted) from wall.cluster_member m where m.community = of_community and m.complaint = any(g.complaints)) as latest
              from (select m.cluster, counted_members(of_community, m.cluster, gathered_clusters.since) as complaints
                    from wall.cluster_member m where m.community = of_community and m.submitted >= gathered_clusters.since
                    group by m.cluster having count(*) >= p.concentrated_from) as g) as k
        where k.reporters >= p.concentrated_from;
end $$;

-- One category and building.
create function gathered_places(of_community text, p wall.policy, since timestamptz) returns setof gathering language plpgsql stable as $$
begin
    return query
        select 'place', k.latest, md5(k.category || ' ' || k.building)::uuid, null::uuid, k.category, k.building, 'place',
               jsonb_build_object('reporters', k.reporters, 'count', k.count, 'since', instant(gathered_places.since), 'complaints', k.complaints)
        from (select g.category, g.building, g.latest, g.count, to_jsonb(g.complaints[:50]) as complaints, reporters_of(of_community, g.complaints) as reporters
              from (select c.category, c.building, max(c.submitted) as latest, count(*) as count, array_agg(c.complaint order by c.submitted) as complaints
                    from wall.complaint c
                    where c.community = of_community and c.submitted >= gathered_places.since and c.category is not null and c.building is not null
                      and is_counted(c)
                    group by c.category, c.building having count(*) >= p.concentrated_from) as g) as k
        where k.reporters >= p.concentrated_from;
end $$;

-- A category of which more came in a week, the present hour being its last, than chance explains: what 20_warnings.sql counts.
create function gathered_categories(of_community text, p wall.policy, now timestamptz) returns setof gathering language plpgsql stable as $$
begin
    return query
        select 'category', (b.place).latest, md5((b.place).category)::uuid, null::uuid, (b.place).category, null::text, 'unusual', jsonb_build_object(
            'reporters', b.reporters, 'count', (b.place).count, 'mean', round((b.place).before / 8.0, 2), 'p', (b.place).probability,
            'since', instant(k.until - (b.place).stretch), 'complaints', to_jsonb(b.complaints[:50]))
        from (select date_trunc('hour', gathered_categories.now, 'UTC') + interval '1 hour' as until) as k
        cross join lateral bursts_of(of_community, k.until, array(
            select u from unusual_at(of_community, k.until, '{168:00}', p.concentrated_from, p.concentrated_p) u where u.building = ''), p.concentrated_from) b;
end $$;

create function gatherings(of_community text, p wall.policy, now timestamptz) returns setof gathering language plpgsql stable as $$
begin
    return query select * from gathered_clusters(of_community, p, now - p.concentrated_within);
    return query select * from gathered_places(of_community, p, now - p.concentrated_within);
    return query select * from gathered_categories(of_community, p, now);
end $$;

create function list_concentrated(of_community text, inside boolean, size integer, after_key timestamptz, after_id uuid) returns page
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
declare
    now timestamptz := wall_now();
    p wall.policy := policy_at(of_community, now);
begin
    return (
        select page_of(array_agg(g.since::text), array_agg(g.id), array_agg(hit_json(
            g.subject, g.since, null, g.cluster, g.category, g.building, null,
            hit_rule(g.rule, case when inside then g.facts else g.facts - 'complaints' end))), size)
        from (select * from gatherings(of_community, p, now) as k
              where (k.since, k.id) < (coalesce(after_key, 'infinity'), coalesce(after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
              order by k.since desc, k.id desc limit size + 1) as g);
end $$;

create function list_names() returns text[] language sql immutable as $$
    select '{overdue,repeated,concentrated,stuck,ledgered,hollow}'::text[]
$$;

create function is_list(named text) returns boolean language sql immutable as 'select named = any(list_names())';

create function list_supervised(of_community text, of_list text, who caller, size integer, after_key timestamptz, after_id uuid) returns page
language plpgsql stable as $$
declare
    inside boolean := who.role in ('dispatcher', 'supervisor');
begin
    perform know_panel(of_community, who);
    if not is_list(of_list) then
        return null;
    elsif of_list = 'concentrated' then
        return list_concentrated(of_community, inside, size, after_key, after_id);
    end if;
    return list_hits(of_community, of_list, inside, size, after_key, after_id);
end $$;
