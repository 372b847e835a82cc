-- Surveys (问卷调查): short questions on a matter. Who answers has one voice, a resident or the holder of a receipt, and may change the answer until the
-- end: the last one counts. An answer bears a keyed hash instead of a person; few answers are not shown at all, and while a survey is open its
-- results move in tens, so that nobody reads off what the last one said.

create function is_surveyor(who caller) returns boolean language sql immutable as $$
    select who.role in ('dispatcher', 'supervisor')
$$;

-- Where it stands, from its moments. An answer exactly at the end is in time.
create function survey_state(begins timestamptz, ends timestamptz, closed timestamptz, moment timestamptz) returns text language sql immutable as $$
    select case when begins is null or moment < begins then 'draft' when moment > ends or moment >= closed then 'closed' else 'open' end
$$;

-- Fewer than so many betray one another.
create function enough_people() returns integer language sql immutable as $$
    select 10
$$;

-- What is asked

create function question_json(asked jsonb, number bigint) returns json language sql immutable as $$
    select json_build_object(
        'question', number, 'kind', asked->'kind', 'text', asked->'text', 'text_en', asked->'text_en',
        'optional', coalesce(asked->'optional', 'false'), 'options', (
            select coalesce(json_agg(json_build_object('option', o.number, 'text', o.said->'text', 'text_en', o.said->'text_en') order by o.number), '[]')
            from jsonb_array_elements(asked->'options') with ordinality as o (said, number)))
$$;

create function questions_json(questions jsonb) returns json language sql immutable as $$
    select json_agg(question_json(q.asked, q.number) order by q.number) from jsonb_array_elements(questions) with ordinality as q (asked, number)
$$;

-- By this every answer says what it answers.
create function asked_of(s wall.survey) returns bytea language sql immutable as $$
    select sha256(convert_to(jsonb_build_array(s.title, s.title_en, s.text, s.text_en, s.questions)::text, 'UTF8'))
$$;

create function check_question(asked jsonb, pointer text) returns void language plpgsql immutable as $$
declare
    choosing boolean := asked->>'kind' in ('choice', 'choices');
    twice bigint := (select max(o.number) from jsonb_array_elements(asked->'options') with ordinality as o (said, number)
                     group by o.said->>'text' having count(*) > 1 limit 1);
begin
    if choosing and coalesce(jsonb_array_length(asked->'options'), 0) < 2 then
        perform refuse_field(pointer || '/options', 'has two entries at least where one chooses');
    elsif not choosing and asked ? 'options' then
        perform refuse_field(pointer || '/options', 'is for choice and choices alone');
    elsif twice is not null then
        perform refuse_field(format('%s/options/%s/text', pointer, twice - 1), 'stands there already');
    end if;
end $$;

create function check_survey(s wall.survey) returns void language plpgsql stable as $$
begin
    if s.ends <= s.begins then
        perform refuse_field('/ends', 'is not after it begins');
    elsif s.ends <= wall_now() then
        perform refuse_field('/ends', 'is in the past');
    end if;
    perform check_question(q.asked, '/questions/' || q.number - 1) from jsonb_array_elements(s.questions) with ordinality as q (asked, number);
end $$;

-- What it is about: notices that are published, clusters of which everybody may read something. What is given takes the place of what was there.
create function link_survey(of_community text, of_survey uuid, of_kind text, subjects jsonb) returns void language plpgsql as $$
declare
    unknown bigint := (
        select min(g.position) from jsonb_array_elements_text(subjects) with ordinality as g (id, position)
        where case of_kind
            when 'notice' then not exists (select from wall.notice n where n.community = of_community and n.notice = g.id::uuid and n.publication = 'published')
            else not exists (select from wall.cluster_member m join wall.complaint c using (community, complaint)
                             where m.community = of_community and m.cluster = g.id::uuid and m.confirmed
                               and c.publication = 'published' and c.visibility = 'public') end);
begin
    if unknown is not null then
        perform refuse_field(format('/%ss/%s', of_kind, unknown - 1), case of_kind when 'notice' then 'there is no such published notice'
                             else 'there is no such cluster with a complaint that is confirmed and published' end);
    end if;
    delete from wall.survey_subject s where s.community = of_community and s.survey = of_survey and s.kind = of_kind;
    insert into wall.survey_subject select distinct of_community, of_survey, of_kind, g::uuid from jsonb_array_elements_text(subjects) as g;
end $$;

create function link_survey_given(of_community text, of_survey uuid, input jsonb) returns void language plpgsql as $$
begin
    perform link_survey(of_community, of_survey, k.kind, coalesce(nullif(input->(k.kind || 's'), 'null'), '[]'))
    from unnest('{notice,cluster}'::text[]) as k (kind) where input ? (k.kind || 's');
end $$;

-- The published complaints that are confirmed to be of its clusters. Public requests find a view of this name in `published`.
create view survey_about as
select s.community, s.survey, m.complaint
from wall.survey_subject s join wall.cluster_member m on m.community = s.community and m.cluster = s.subject
where s.kind = 'cluster' and m.confirmed;

-- Showing it. Tables without a schema are views of `published` for public requests.

create function surveyed_notices(of_community text, of_survey uuid) returns json language plpgsql stable as $$
begin
    return (select coalesce(json_agg(json_build_object('id', n.notice, 'kind', n.kind, 'title', v.title) order by n.notice), '[]')
            from survey_subject s join notice n on n.community = s.community and n.notice = s.subject
                join notice_version v on v.community = n.community and v.notice = n.notice and v.version = n.version
            where s.community = of_community and s.survey = of_survey and s.kind = 'notice' and n.publication = 'published');
end $$;

create function surveyed_complaints(of_community text, of_survey uuid) returns json language plpgsql stable as $$
begin
    return (select coalesce(json_agg(json_build_object('id', c.complaint, 'number', c.number, 'title', c.entry::json->'title', 'status', c.status)
                                     order by c.complaint), '[]')
            from survey_about s join complaint c using (community, complaint)
            where s.community = of_community and s.survey = of_survey and c.publication = 'published' and c.visibility = 'public');
end $$;

create function surveyed_clusters(of_community text, of_survey uuid) returns json language plpgsql stable as $$
begin
    return (select coalesce(json_agg(s.subject order by s.subject), '[]') from wall.survey_subject s
            where s.community = of_community and s.survey = of_survey and s.kind = 'cluster');
end $$;

create function show_survey(of_community text, of_survey uuid, who caller) returns table (body text, version integer) language plpgsql stable as $$
begin
    return query
        select json_build_object(
            'id', s.survey, 'title', s.title, 'title_en', s.title_en, 'text', s.text, 'text_en', s.text_en, 'state', k.state,
            'begins', instant(s.begins), 'ends', instant(s.ends), 'closed', instant(s.closed), 'anonymous', s.anonymous, 'results', s.results,
            'version', s.version, 'questions', questions_json(s.questions), 'notices', surveyed_notices(of_community, of_survey),
            'complaints', surveyed_complaints(of_community, of_survey),
            'clusters', case when is_surveyor(who) then surveyed_clusters(of_community, of_survey) else '[]' end)::text, s.version
        from survey s cross join lateral survey_state(s.begins, s.ends, s.closed, wall_now()) as k (state)
        where s.community = of_community and s.survey = of_survey and (k.state <> 'draft' or is_surveyor(who));
end $$;

create function list_surveys(of_community text, who caller, of_state text, size integer, after_id uuid) returns page language plpgsql stable as $$
declare
    moment timestamptz := wall_now();
begin
    return (select page_of(array_agg(survey::text), array_agg(survey), array_agg(item), size) from (
        select s.survey, json_build_object('id', s.survey, 'title', s.title, 'title_en', s.title_en, 'state', k.state, 'begins', instant(s.begins),
                                           'ends', instant(s.ends), 'closed', instant(s.closed), 'anonymous', s.anonymous, 'results', s.results)::text as item
        from survey s cross join lateral survey_state(s.begins, s.ends, s.closed, moment) as k (state)
        where s.community = of_community and (of_state is null or k.state = of_state) and (k.state <> 'draft' or is_surveyor(who))
          and s.survey < coalesce(after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
        order by s.survey desc limit size + 1) as newest);
end $$;

-- On a notice and on a cluster: the surveys about it that everybody sees.
create function surveys_about(of_community text, of_kind text, of_subject uuid) returns text language plpgsql stable as $$
begin
    return (select json_list(string_agg(json_build_object('id', s.survey, 'title', s.title, 'title_en', s.title_en, 'state', k.state)::text, ',' order by s.survey))
            from survey_subject b join survey s using (community, survey) cross join lateral survey_state(s.begins, s.ends, s.closed, wall_now()) as k (state)
            where b.community = of_community and b.kind = of_kind and b.subject = of_subject and k.state <> 'draft');
end $$;

-- Making it

create function add_survey(of_community text, who caller, new_id uuid, input jsonb, scope bytea, body_hash bytea,
                           out body text, out version integer, out location text)
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    thing uuid := coalesce(made_before(of_community, scope, body_hash, new_id), new_id);
    s wall.survey;
begin
    if thing = new_id then
        s := jsonb_populate_record(null::wall.survey, input);
        s.community := of_community;
        s.survey := new_id;
        s.version := 1;
        s.created := wall_now();
        perform check_survey(s);
        insert into wall.survey values (s.*);
        perform link_survey_given(of_community, new_id, input);
        perform record_audit(of_community, who, 'add_survey', new_id, jsonb_build_object('title', s.title));
    end if;
    select x.body, x.version into body, version from show_survey(of_community, thing, who) x;
    location := '/v1/surveys/' || thing;
end $$;

-- Until somebody has answered: what is asked then is what was answered.
create function change_survey(of_community text, who caller, of_survey uuid, of_version integer, input jsonb, out body text, out version integer)
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    s wall.survey;
begin
    select * into s from wall.survey x where x.community = of_community and x.survey = of_survey for update;
    if s.survey is null then
        perform refuse('not_found');
    elsif of_version <> s.version then
        perform refuse('changed_meanwhile');
    elsif exists (select from wall.survey_answer a where a.community = of_community and a.survey = of_survey) then
        perform refuse('survey_answered');
    end if;
    input := input - array(select name from unnest('{title,questions,anonymous,results}'::text[]) as name where input->name = 'null');
    if input <> '{}' then
        s := jsonb_populate_record(s, jsonb_strip_nulls(input) || (select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each(input) where value = 'null'));
        s.version := s.version + 1;
        perform check_survey(s);
        update wall.survey x set title = s.title, title_en = s.title_en, text = s.text, text_en = s.text_en, questions = s.questions, anonymous = s.anonymous,
            results = s.results, begins = s.begins, ends = s.ends, version = s.version
        where x.community = of_community and x.survey = of_survey;
        perform link_survey_given(of_community, of_survey, input);
        perform record_audit(of_community, who, 'change_survey', of_survey, jsonb_build_object('version', s.version));
    end if;
    select x.body, x.version into body, version from show_survey(of_community, of_survey, who) x;
end $$;

create function close_survey(of_community text, who caller, of_survey uuid, out body text, out version integer)
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    s wall.survey;
    moment timestamptz;
begin
    select * into s from wall.survey x where x.community = of_community and x.survey = of_survey for update;
    moment := wall_now();
    if s.survey is null then
        perform refuse('not_found');
    elsif survey_state(s.begins, s.ends, s.closed, moment) <> 'open' then
        perform refuse('survey_not_open');
    end if;
    update wall.survey x set closed = moment, version = x.version + 1 where x.community = of_community and x.survey = of_survey;
    perform record_audit(of_community, who, 'close_survey', of_survey, '{}');
    select x.body, x.version into body, version from show_survey(of_community, of_survey, who) x;
end $$;
