-- What a complaint is about and where it goes by itself. C reads proposals out of its text (`categories` and `model` of :reading); what becomes of them
-- stands here: kept, followed where they are sure enough, learned from where somebody confirms or corrects them.

-- What was thought of the text, the best first, with what it rests on; and what the reporter said of it.
create function keep_proposals(c wall.complaint, reading jsonb) returns void language plpgsql as $$
begin
    insert into wall.classification (community, complaint, classification, at, by, category, share, because, rank, model)
    select c.community, c.complaint, gen_random_uuid(), c.last, case when reading->>'model' is null then 'lexicon' else 'model' end, p.item->>'category',
           (p.item->>'probability')::real, array(select jsonb_array_elements_text(p.item->'because')), p.rank, (reading->>'model')::integer
    from jsonb_array_elements(reading->'categories') with ordinality as p (item, rank)
    union all
    select c.community, c.complaint, gen_random_uuid(), c.last, 'reporter', c.category, null, null, 1, null where c.category is not null;
end $$;

-- What the reporter says stands. Without it the best proposal does, if it is sure enough.
create function classify_new(inout c wall.complaint, reading jsonb, p wall.policy) language plpgsql as $$
begin
    perform keep_proposals(c, reading);
    if c.category is null and (reading #>> '{categories,0,probability}')::real >= p.confident then
        c.category := reading #>> '{categories,0,category}';
    end if;
end $$;

-- A complaint about a person must not go to that person's department because of a word or a wrong box: where the reporter or the best proposal, sure
-- or not, says so, a dispatcher looks first. No rule can change that.
create function is_for_a_person(c wall.complaint, reading jsonb) returns boolean language plpgsql stable as $$
begin
    return exists (select from wall.category k where k.community = c.community and not k.routed and k.code in (c.category, reading #>> '{categories,0,category}'));
end $$;

create function rule_for(c wall.complaint, reading jsonb) returns wall.routing_rule language plpgsql stable as $$
declare
    said text := coalesce(concat_ws(E'\n', reading #>> '{folded,title}', reading #>> '{folded,text}'), '');
    found wall.routing_rule;
begin
    select r.* into found from wall.routing_rule r join wall.department d on d.community = r.community and d.department = r.department and d.active
    where r.community = c.community and r.active and coalesce(r.category = c.category, r.category is null) and coalesce(r.building = c.building, r.building is null)
      and (r.words is null or exists (select from unnest(r.words) as word where strpos(said, word) > 0))
    order by r.position, r.rule limit 1;
    return found;
end $$;

-- The department it goes to without a person, and why: a rule of the admin first, else its category's own. Null: a person has to look.
create function way_of(c wall.complaint, reading jsonb) returns jsonb language plpgsql stable as $$
declare
    rule wall.routing_rule;
begin
    if is_for_a_person(c, reading) then
        return null;
    end if;
    rule := rule_for(c, reading);
    if rule.rule is not null then
        return jsonb_build_object('department', rule.department, 'because', 'rule', 'rule', rule.rule);
    end if;
    return (select jsonb_build_object('department', k.department, 'because', 'category', 'category', k.code)
            from wall.category k join wall.department d using (community, department) where k.community = c.community and k.code = c.category and d.active);
end $$;

-- What a dispatcher is told about it: the proposals, what the reporter said, and why it went where it went.
create function proposals_json(of_community text, of_complaint uuid) returns jsonb language plpgsql stable as $$
begin
    return (select coalesce(jsonb_agg(jsonb_build_object('category', p.category, 'probability', round(p.share::numeric, 3), 'because', p.because) order by p.rank), '[]')
            from wall.classification p where p.community = of_community and p.complaint = of_complaint and p.by in ('lexicon', 'model'));
end $$;

create function classification_json(c wall.complaint) returns text language plpgsql stable as $$
begin
    return jsonb_build_object(
        'proposals', proposals_json(c.community, c.complaint),
        'model', (select p.model from wall.classification p where p.community = c.community and p.complaint = c.complaint and p.by = 'model' and p.rank = 1),
        'reporter', (select p.category from wall.classification p where p.community = c.community and p.complaint = c.complaint and p.by = 'reporter'),
        'routed', (select jsonb_build_object('because', e.data->'because', 'rule', e.data->'rule', 'category', e.data->'category', 'department', e.data->'department')
                   from wall.event e where e.community = c.community and e.complaint = c.complaint and e.action = 'assign' and e.actor_kind = 'system'
                   order by e.seq limit 1));
end $$;

-- The lexicon and the rules are the admin's; whatever changes here the daemons hear of.

create function classifier_changed(of_community text) returns void language plpgsql as $$
begin
    insert into wall.classifier (community, state) values (of_community, 1) on conflict (community) do update set state = wall.classifier.state + 1;
    perform pg_notify('classifier', of_community);
end $$;

create function fold_word(word text) returns text language sql immutable as $$
    select btrim(lower(normalize(word, nfkc)))
$$;

create function set_word(of_community text, who caller, input jsonb) returns json language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    most constant integer := 5000;
    folded text := fold_word(input->>'word');
begin
    perform from wall.category k where k.community = of_community and k.code = input->>'category';
    if not found then
        perform refuse_field('/category', 'there is no such category', 'unknown_category');
    end if;
    if folded = '' then
        perform refuse_field('/word', 'holds nothing but blanks');
    end if;
    if most <= (select count(*) from wall.lexicon l where l.community = of_community) then
        perform refuse_field('/word', format('a lexicon has at most %s words', most));
    end if;
    insert into wall.lexicon values (of_community, folded, input->>'category', (input->>'weight')::integer)
    on conflict (community, word, category) do update set weight = excluded.weight;
    perform classifier_changed(of_community);
    perform record_audit(of_community, who, 'set_word', null, input);
    return json_build_object('word', folded, 'category', input->>'category', 'weight', (input->>'weight')::integer);
end $$;

create function forget_word(of_community text, who caller, of_word text, of_category text) returns boolean
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
begin
    delete from wall.lexicon l where l.community = of_community and l.word = fold_word(of_word) and l.category = of_category;
    if not found then
        return false;
    end if;
    perform classifier_changed(of_community);
    perform record_audit(of_community, who, 'forget_word', null, jsonb_build_object('word', of_word, 'category', of_category));
    return true;
end $$;

create function rule_json(r wall.routing_rule) returns json language sql stable as $$
    select json_build_object('id', r.rule, 'position', r.position, 'category', r.category, 'building', r.building, 'words', r.words, 'department', r.department,
                             'active', r.active)
$$;

-- A rule that says nothing would take every complaint; one for complaints about people would send them where they must not go.
create function check_rule(r wall.routing_rule) returns void language plpgsql as $$
begin
    if coalesce(r.category, r.building, r.words[1]) is null then
        perform refuse_field('/words', 'one of category, building and words is required');
    end if;
    if '' = any(r.words) then
        perform refuse_field('/words', 'holds an empty word');
    end if;
    perform check_place(r.community, jsonb_build_object('category', r.category, 'building', r.building));
    perform from wall.category k where k.community = r.community and k.code = r.category and not k.routed;
    if found then
        perform refuse_field('/category', 'a person looks at these before anybody else does');
    end if;
    perform from wall.department d where d.community = r.community and d.department = r.department and d.active;
    if not found or r.department = dispatch_office(r.community) then
        perform refuse_field('/department', 'there is no such department', 'unknown_department');
    end if;
end $$;

-- Members that are given replace those of the rule; null and an empty list take a condition away.
create function rule_with(r wall.routing_rule, input jsonb) returns wall.routing_rule language plpgsql as $$
begin
    r.position := coalesce((input->>'position')::integer, r.position);
    r.category := case when input ? 'category' then input->>'category' else r.category end;
    r.building := case when input ? 'building' then input->>'building' else r.building end;
    r.words := case when input ? 'words' then nullif(array(select fold_word(word) from jsonb_array_elements_text(input->'words') as word), '{}') else r.words end;
    r.department := coalesce((input->>'department')::uuid, r.department);
    r.active := coalesce((input->>'active')::boolean, r.active);
    if r.active or input ?| '{category,building,words,department}' then -- what rests may be about what is no more
        perform check_rule(r);
    end if;
    return r;
end $$;

create function add_rule(of_community text, who caller, new_id uuid, input jsonb, scope bytea, body_hash bytea, out body json, out location text)
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    most constant integer := 500;
    thing uuid := coalesce(made_before(of_community, scope, body_hash, new_id), new_id);
    r wall.routing_rule;
begin
    if thing = new_id then
        r.community := of_community;
        r.rule := new_id;
        r.active := true;
        r.position := (select coalesce(max(x.position), 0) + 10 from wall.routing_rule x where x.community = of_community);
        r := rule_with(r, input);
        if most <= (select count(*) from wall.routing_rule x where x.community = of_community) then
            perform refuse_field('/words', format('a community has at most %s rules', most));
        end if;
        insert into wall.routing_rule values (r.*);
        perform record_audit(of_community, who, 'add_rule', new_id, input);
    end if;
    select rule_json(x), '/v1/routing-rules/' || x.rule into body, location from wall.routing_rule x where x.community = of_community and x.rule = thing;
end $$;

create function change_rule(of_community text, who caller, of_rule uuid, input jsonb) returns json
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    r wall.routing_rule;
begin
    select * into r from wall.routing_rule x where x.community = of_community and x.rule = of_rule for update;
    if r.rule is null then
        perform refuse('not_found');
    end if;
    r := rule_with(r, input);
    update wall.routing_rule x set position = r.position, category = r.category, building = r.building, words = r.words, department = r.department, active = r.active
    where x.community = of_community and x.rule = of_rule;
    perform record_audit(of_community, who, 'change_rule', of_rule, input);
    return rule_json(r);
end $$;

create function remove_rule(of_community text, who caller, of_rule uuid) returns boolean language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    r wall.routing_rule;
begin
    delete from wall.routing_rule x where x.community = of_community and x.rule = of_rule returning * into r;
    if r.rule is null then
        return false;
    end if;
    perform record_audit(of_community, who, 'remove_rule', of_rule, to_jsonb(r));
    return true;
end $$;

-- Learning. What a dispatcher says of a category is a lesson; after fifty of them, or in the night after the first, the community learns.

create function lessons_are_due(of_community text, learned timestamptz, night timestamptz) returns boolean language plpgsql stable as $$
declare
    enough constant integer := 50;
begin
    return coalesce((
        select count(*) = enough or min(l.at) <= night
        from (select k.at from wall.classification k where k.community = of_community and k.by = 'dispatcher' and k.at > coalesce(learned, '-infinity')
              order by k.at limit enough) as l), false);
end $$;

-- The last time that it was three in the morning.
create function last_night(moment timestamptz, zone text) returns timestamptz language sql stable as $$
    select (date_trunc('day', (moment at time zone zone) - interval '3 hours') + interval '3 hours') at time zone zone
$$;

-- All that the next model is made of; the newest lessons, as many as fit into a reasonable memory.
create function lessons_of(of_community text, of_version integer) returns text language plpgsql stable as $$
declare
    most_lessons constant integer := 20000;
    most_characters constant integer := 8000000;
begin
    return (select json_build_object(
        'lexicon', (select coalesce(json_agg(json_build_array(l.word, l.category, l.weight)), '[]') from wall.lexicon l where l.community = of_community),
        'running', (select encode(m.model, 'base64') from wall.classifier_model m where m.community = of_community and m.version = of_version),
        'lessons', coalesce(json_agg(json_build_array(t.text, t.category) order by t.at, t.complaint), '[]'))
    from (select f.complaint, f.category, f.at, concat_ws(E'\n', c.title, c.text) as text,
                 sum(length(c.text)) over (order by f.at desc, f.complaint desc) as characters
          from (select distinct on (k.complaint) k.complaint, k.category, k.at
                from (select * from wall.classification x where x.community = of_community and x.by = 'dispatcher' order by x.at desc limit most_lessons) as k
                order by k.complaint, k.at desc) as f
          join wall.complaint c on c.community = of_community and c.complaint = f.complaint
          where c.text <> erased_text()) as t
    where t.characters <= most_characters);
end $$;

create function classifier_lock(of_community text) returns bigint language sql immutable as $$
    select hashtextextended(of_community, 313)
$$;

-- A community that is to learn, and what from; the session holds it against other daemons until it unlocks. Null: none.
create function next_to_learn(out community text, out began text, out lessons text)
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    moment timestamptz := wall_now();
    h record;
    k wall.classifier;
begin
    for h in select c.community, c.time_zone from wall.community c left join wall.classifier x using (community)
             where lessons_are_due(c.community, x.learned, last_night(moment, c.time_zone)) order by x.learned nulls first loop
        if pg_try_advisory_lock(classifier_lock(h.community)) then
            select * into k from wall.classifier x where x.community = h.community;
            if lessons_are_due(h.community, k.learned, last_night(moment, h.time_zone)) then
                community := h.community;
                began := instant(moment);
                lessons := lessons_of(h.community, k.version);
                return;
            end if;
            perform pg_advisory_unlock(classifier_lock(h.community));
        end if;
    end loop;
end $$;

-- What became of it: published if it is not worse than what has proposed so far. Of those published the last three keep their weights.
create function have_learned(of_community text, began timestamptz, report jsonb, out version integer, out published boolean)
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    kept constant integer := 3;
begin
    insert into wall.classifier (community, learned) values (of_community, began) on conflict (community) do update set learned = excluded.learned;
    if report->>'model' is null then
        return;
    end if;
    version := (select coalesce(max(m.version), 0) + 1 from wall.classifier_model m where m.community = of_community);
    published := (report->>'correct')::integer >= (report->>'before')::integer;
    insert into wall.classifier_model
    values (of_community, version, wall_now(), (report->>'lessons')::integer, (report->>'tested')::integer, (report->>'correct')::integer,
            (report->>'second')::integer, (report->>'before')::integer, (report->>'macro_f1')::real, report->'categories', published,
            case when published then decode(report->>'model', 'base64') end);
    if published then
        update wall.classifier x set version = have_learned.version where x.community = of_community;
        update wall.classifier_model m set model = null
        where m.community = of_community and m.model is not null and m.version not in (
            select k.version from wall.classifier_model k where k.community = of_community and k.published order by k.version desc limit kept);
        perform classifier_changed(of_community);
    end if;
end $$;

-- The admin goes back to a model that is still kept, or (0) to the lexicon alone.
create function use_model(of_community text, who caller, of_version integer) returns json
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
begin
    perform from wall.classifier_model m where m.community = of_community and m.version = of_version and m.model is not null;
    if not found and of_version <> 0 then
        perform refuse_field('/version', 'is not kept');
    end if;
    insert into wall.classifier (community, version) values (of_community, nullif(of_version, 0))
    on conflict (community) do update set version = excluded.version;
    perform classifier_changed(of_community);
    perform record_audit(of_community, who, 'use_model', null, jsonb_build_object('version', of_version));
    return classifier_json(of_community);
end $$;

-- What proposes now, how much was confirmed since it last learned, and the models that were learned, the newest first.
create function classifier_json(of_community text) returns json language plpgsql stable as $$
declare
    shown constant integer := 20;
    k wall.classifier;
begin
    select * into k from wall.classifier x where x.community = of_community;
    return json_build_object(
        'version', k.version, 'learned', instant(k.learned),
        'words', (select count(*) from wall.lexicon l where l.community = of_community),
        'waiting', (select count(*) from wall.classification l where l.community = of_community and l.by = 'dispatcher' and l.at > coalesce(k.learned, '-infinity')),
        'models', (select coalesce(json_agg(json_build_object(
                'version', m.version, 'at', instant(m.at), 'lessons', m.lessons, 'tested', m.tested, 'correct', m.correct, 'correct_second', m.correct_second,
                'correct_before', m.correct_before, 'macro_f1', round(m.macro_f1::numeric, 3), 'categories', m.categories, 'published', m.published,
                'kept', m.model is not null) order by m.version desc), '[]')
            from (select * from wall.classifier_model x where x.community = of_community order by x.version desc limit shown) as m));
end $$;
