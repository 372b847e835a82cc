-- Residents take part (居民参与监督): a panel of residents who asked and were admitted. They read the supervision lists without identities and without
-- what is not published, comment, and draw closed cases for a second visit. A draw is seeded by the next bulletin: whoever has the bulletins
-- can draw it again (tests/verify_bulletin.py).

create function panel_state(of_community text, of_member uuid) returns text language plpgsql stable as $$
begin
    return coalesce((select a.kind from wall.panel_act a where a.community = of_community and a.member = of_member order by a.seq desc limit 1), 'asked');
end $$;

-- As which member this caller takes part. Null: he does not.
create function panel_of(of_community text, who caller) returns uuid language plpgsql stable as $$
begin
    return (select m.member from wall.panel_member m
            where m.community = of_community and m.resident = who.actor and who.role = 'resident' and panel_state(of_community, m.member) = 'admitted');
end $$;

create function know_panel(of_community text, who caller) returns void language plpgsql stable as $$
begin
    if who.role = 'resident' and panel_of(of_community, who) is null then
        perform refuse('not_permitted');
    end if;
end $$;

create function member_json(m wall.panel_member) returns text language plpgsql stable as $$
begin
    return json_build_object('id', m.member, 'alias', m.alias, 'state', panel_state(m.community, m.member), 'asked', instant(m.at))::text;
end $$;

create function ask_for_panel(of_community text, who caller, alias text, new_id uuid, out body text)
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
begin
    insert into wall.panel_member values (of_community, new_id, who.actor, ask_for_panel.alias, wall_now());
    select member_json(m) into body from wall.panel_member m where m.community = of_community and m.member = new_id;
end $$;

-- admit, part: the supervisor's or the admin's; a member may part by himself.
create function change_panel(of_community text, of_member uuid, who caller, action text, out body text)
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    m wall.panel_member;
    changed text := case action when 'admit' then 'admitted' else 'parted' end;
begin
    select * into m from wall.panel_member x where x.community = of_community and x.member = of_member for update;
    if m.member is null or who.role = 'resident' and m.resident is distinct from who.actor then
        perform refuse('not_found');
    elsif who.role = 'resident' and action = 'admit' then
        perform refuse('not_permitted');
    elsif panel_state(of_community, of_member) = changed or m.resident is null then
        perform refuse('not_allowed_now');
    end if;
    insert into wall.panel_act (community, member, kind, author, at)
    values (of_community, of_member, changed, case when who.role <> 'resident' then who.actor end, wall_now());
    if who.role <> 'resident' then
        perform record_audit(of_community, who, action || '_panel_member', of_member, '{}');
    end if;
    body := member_json(m);
end $$;

-- All for those who decide; oneself for a resident.
create function list_panel(of_community text, who caller) returns text language plpgsql stable as $$
begin
    return (select '{"items":' || json_list(string_agg(member_json(m), ',' order by m.at, m.member)) || ',"next":null}'
            from wall.panel_member m where m.community = of_community and (who.role <> 'resident' or m.resident = who.actor));
end $$;

-- Comments

create function comment_json(k wall.panel_comment) returns text language plpgsql stable as $$
begin
    return (select json_build_object('id', k.comment, 'member', m.member, 'by', m.alias, 'complaint', k.complaint, 'list', k.list, 'text', k.text, 'at', instant(k.at))::text
            from wall.panel_member m where m.community = k.community and m.member = k.member);
end $$;

-- `reading`: what others may read of the text.
create function add_comment(of_community text, who caller, input jsonb, reading jsonb, new_id uuid, scope bytea, body_hash bytea, out body text)
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    earlier uuid := made_before(of_community, scope, body_hash, new_id);
    of_complaint uuid := (input->>'complaint')::uuid;
begin
    perform know_panel(of_community, who);
    if (of_complaint is null) = (input->>'list' is null) then
        perform refuse_field('/complaint', 'one of complaint and list is required');
    elsif of_complaint is not null and not exists (         -- what the panel does not read is not there for it
        select from wall.complaint c where c.community = of_community and c.complaint = of_complaint and c.publication = 'published' and c.visibility = 'public') then
        perform refuse_field('/complaint', 'there is no such complaint');
    end if;
    if earlier is null then
        insert into wall.panel_comment
        values (of_community, new_id, panel_of(of_community, who), of_complaint, input->>'list', coalesce(reading->'masked'->>'text', input->>'text'), wall_now());
    end if;
    select comment_json(k) into body from wall.panel_comment k where k.community = of_community and k.comment = coalesce(earlier, new_id);
end $$;

create function list_comments(of_community text, who caller, of_complaint uuid, of_list text, size integer, after_key timestamptz, after_id uuid) returns page
language plpgsql stable as $$
begin
    perform know_panel(of_community, who);
    return (select page_of(array_agg(k.at::text), array_agg(k.comment), array_agg(comment_json(k.c)), size) from (
        select c.at, c.comment, c from wall.panel_comment c
        where c.community = of_community and (of_complaint is null or c.complaint = of_complaint) and (of_list is null or c.list = of_list)
          and (c.at, c.comment) < (coalesce(after_key, 'infinity'), coalesce(after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
        order by c.at desc, c.comment desc limit size + 1) as k);
end $$;

-- Draws. Each is asked for before the bulletin is issued that seeds it: nobody can choose days or size by what they would draw. The population is the
-- leaves of closed cases in the bulletins of the days; each has the ticket sha256(seed in hexadecimal, ':', number of the draw, ':', leaf in
-- hexadecimal); the smallest tickets are drawn. Passed over are leaves that have no chance, see `stands`.

create function ticket(seed bytea, draw integer, leaf text) returns bytea language sql immutable as $$
    select sha256(convert_to(encode(seed, 'hex') || ':' || draw || ':' || leaf, 'UTF8'))
$$;

-- A drawn case waits for its second visit until somebody was reached, or three tries failed, or it was opened again.
create function waits_for_second_visit(k wall.panel_case) returns boolean language plpgsql stable as $$
begin
    return (select count(*) < 3 and not coalesce(bool_or(f.reached), false)
            from wall.panel_visit v join wall.followup f using (community, complaint, followup)
            where v.community = k.community and v.draw = k.draw and v.complaint = k.complaint);
end $$;

create function can_be_drawn(of_community text, of_complaint uuid) returns boolean language plpgsql stable as $$
begin
    return exists (select from wall.complaint c where c.community = of_community and c.complaint = of_complaint and c.status = 'closed')
        and not exists (select from wall.panel_case k where k.community = of_community and k.complaint = of_complaint and waits_for_second_visit(k));
end $$;

-- One chance a case: its newest leaf of the days `stands`, unless the case was opened again or waits for a second visit already.
create function leaves_closed(of_community text, first date, last date) returns table (leaf text, complaint uuid, stands boolean) language plpgsql stable as $$
begin
    return query
        select encode(t.hash, 'hex'), t.complaint, t.is_newest and can_be_drawn(of_community, t.complaint)
        from (select e.*, r.day = max(r.day) over (partition by e.complaint) as is_newest
              from (select distinct x.day, x.began, x.cutoff from wall.clearing x
                    where x.community = of_community and x.day between leaves_closed.first and leaves_closed.last) as r
              join wall.bulletin b on b.community = of_community and b.day = r.day
              cross join lateral touched(of_community, r.began, r.cutoff) e) as t
        where t.status = 'closed';
end $$;

-- What was asked for is drawn.
create function draw_one(a wall.panel_asked, of_day date, seed bytea) returns void language plpgsql as $$
declare
    moment timestamptz := wall_now();
    d wall.panel_draw;
    cases uuid[];
begin
    d := row(a.community, a.draw, moment, a.author, of_day, draw_one.seed, a.first, a.last, a.size, 0, null, null);
    select max(t.population), coalesce(array_agg(t.leaf order by t.place) filter (where t.stands), '{}'),
           coalesce(array_agg(t.leaf order by t.place) filter (where not t.stands), '{}'), array_agg(t.complaint) filter (where t.stands)
    into d.population, d.leaves, d.passed_over, cases
    from (select l.*, count(*) over () as population, row_number() over by_ticket as place, count(*) filter (where l.stands) over by_ticket as drawn
          from leaves_closed(a.community, a.first, a.last) l
          window by_ticket as (order by ticket(draw_one.seed, a.draw, l.leaf))) as t
    where t.drawn < a.size or t.drawn = a.size and t.stands;
    d.population := coalesce(d.population, 0);
    insert into wall.panel_draw values (d.*);
    insert into wall.panel_case
    select a.community, a.draw, k, moment + (policy_at(a.community, moment)).followup_scored from unnest(cases) as k;
end $$;

-- A bulletin draws what was asked for before its day ended, in the order of the asking.
create function draw_asked(of_community text, of_day date, cutoff timestamptz, seed bytea) returns void language plpgsql as $$
begin
    perform draw_one(a, of_day, draw_asked.seed)
    from (select x from wall.panel_asked x
          where x.community = of_community and x.at <= draw_asked.cutoff
            and not exists (select from wall.panel_draw d where d.community = x.community and d.draw = x.draw)
          order by x.draw) as k (a);
end $$;

-- As everybody sees it; of one that waits for its bulletin `d` holds nothing.
create function draw_json(a wall.panel_asked, d wall.panel_draw) returns text language plpgsql stable as $$
begin
    return json_build_object(
        'draw', coalesce(a.draw, d.draw), 'asked', instant(a.at), 'at', instant(d.at), 'day', d.day, 'seed', encode(d.seed, 'hex'),
        'from', coalesce(a.first, d.first), 'to', coalesce(a.last, d.last), 'size', coalesce(a.size, d.size), 'population', d.population,
        'leaves', coalesce(d.leaves, '{}'), 'passed_over', coalesce(d.passed_over, '{}'),
        'cases', (select count(*) from wall.panel_case k where k.community = d.community and k.draw = d.draw),
        'visited', (select count(distinct v.complaint) from wall.panel_visit v join wall.followup f using (community, complaint, followup)
                    where v.community = d.community and v.draw = d.draw and f.reached),
        'solved', (select count(distinct v.complaint) from wall.panel_visit v join wall.followup f using (community, complaint, followup)
                   where v.community = d.community and v.draw = d.draw and f.solved = 'yes'))::text;
end $$;

-- What may be asked for: days whose bulletins are issued, and together with what waits no more than one bulletin draws.
create function know_draw(a wall.panel_asked) returns void language plpgsql as $$
declare
    newest date := (select max(b.day) from wall.bulletin b where b.community = a.community);
    waiting integer := (select coalesce(sum(x.size), 0) from wall.panel_asked x
                        where x.community = a.community
                          and not exists (select from wall.panel_draw d where d.community = x.community and d.draw = x.draw));
    most integer := (policy_at(a.community, a.at)).drawn_a_day;
begin
    if newest is null or a.last > newest or a.first > a.last or a.last - a.first > 30 then
        perform refuse_field('/to', 'the days are at most 31, and their bulletins are issued');
    elsif waiting + a.size > most then
        perform refuse('drawn_enough', jsonb_build_object('left', greatest(most - waiting, 0)));
    end if;
end $$;

create function draw_sample(of_community text, who caller, sample integer, first date, last date, scope bytea, body_hash bytea, out body text, out location text)
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    a wall.panel_asked;
    d wall.panel_draw;
    earlier uuid;
begin
    perform know_panel(of_community, who);
    perform pg_advisory_xact_lock(hashtextextended('draws of ' || of_community, 311));
    perform pg_advisory_xact_lock_shared(community_lock(of_community));       -- no bulletin is issued meanwhile
    a.draw := 1 + greatest((select max(x.draw) from wall.panel_asked x where x.community = of_community),
                           (select max(x.draw) from wall.panel_draw x where x.community = of_community), 0);
    earlier := made_before(of_community, scope, body_hash, lpad(a.draw::text, 32, '0')::uuid);
    if earlier is null then
        a := row(of_community, a.draw, greatest(wall_now(), (select settled_until + interval '1 microsecond' from wall.community h where h.community = of_community)),
                 panel_of(of_community, who), first, last, sample);
        perform know_draw(a);
        insert into wall.panel_asked values (a.*);
        if who.role <> 'resident' then
            perform record_audit(of_community, who, 'draw', null, jsonb_build_object('draw', a.draw));
        end if;
    else
        a.draw := replace(earlier::text, '-', '')::numeric::integer;
        select * into a from wall.panel_asked x where x.community = of_community and x.draw = a.draw;
        select * into d from wall.panel_draw x where x.community = of_community and x.draw = a.draw;
    end if;
    body := draw_json(a, d);
    location := '/v1/panel/draws';
end $$;

-- For everybody, newest first: leaves lead to nobody.
create function list_draws(of_community text, size integer, after_key integer) returns page
language plpgsql stable security definer set search_path = wall, rules, pg_temp as $$
begin
    return (select page_of(array_agg(k.draw::text), array_agg('00000000-0000-0000-0000-000000000000'::uuid), array_agg(draw_json(k.a, k.d)), list_draws.size) from (
        select draw, a, d
        from (select x.draw, x as a from wall.panel_asked x where x.community = of_community) as p
        full join (select x.draw, x as d from wall.panel_draw x where x.community = of_community) as q using (draw)
        where draw < coalesce(after_key, 2147483647)
        order by draw desc limit list_draws.size + 1) as k);
end $$;

-- A visit to a drawn case is the draw's.
create function note_second_visit(c wall.complaint) returns void language plpgsql as $$
begin
    insert into wall.panel_visit
    select k.community, k.draw, k.complaint, (
        select f.followup from wall.followup f where f.community = c.community and f.complaint = c.complaint order by f.seq desc limit 1)
    from wall.panel_case k where k.community = c.community and k.complaint = c.complaint and waits_for_second_visit(k);
end $$;

-- A member who is forgotten: the draws stay, nobody's; the words go.
create function forget_panel(of_community text, of_resident uuid) returns void language plpgsql as $$
declare
    own uuid := (select m.member from wall.panel_member m where m.community = of_community and m.resident = of_resident);
begin
    update wall.panel_comment k set text = erased_text() where k.community = of_community and k.member = own;
    insert into wall.panel_act (community, member, kind, at)
    select of_community, own, 'parted', wall_now() where panel_state(of_community, own) = 'admitted' and own is not null;
    update wall.panel_member m set resident = null, alias = '已注销' where m.community = of_community and m.member = own;
end $$;

create function panel_held(of_community text, of_resident uuid) returns json language plpgsql stable as $$
begin
    return (select json_build_object('alias', m.alias, 'state', panel_state(of_community, m.member), 'asked', instant(m.at), 'comments', (
                select json_list(string_agg(comment_json(k), ',' order by k.at))::json from wall.panel_comment k
                where k.community = m.community and k.member = m.member))
            from wall.panel_member m where m.community = of_community and m.resident = of_resident);
end $$;
