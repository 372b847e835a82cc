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

-- Answering

-- Whose voice a caller has. The receipt of what a resident has filed under his name is his own voice; of any other receipt nobody knows whether it
-- belongs to somebody who has answered already.
create function voice_of(of_community text, of_survey uuid, who caller, key bytea, out voice bytea, out kind text) language plpgsql stable as $$
declare
    known uuid := case when who.role = 'resident' then who.actor when who.actor is null then (
        select i.resident from wall.complaint_identity i where i.community = of_community and i.complaint = who.opened) end;
begin
    kind := case when known is null then 'receipt' else 'resident' end;
    voice := sha256(key || uuid_send(of_survey) || convert_to(concat_ws(' ', kind, coalesce(known, who.opened), case when known is null then who.actor end), 'UTF8'));
end $$;

create function last_answer(of_community text, of_survey uuid, of_voice bytea) returns wall.survey_answer language plpgsql stable as $$
declare
    last wall.survey_answer;
begin
    select * into last from wall.survey_answer a
    where a.community = of_community and a.survey = of_survey and a.voice = of_voice order by a.seq desc limit 1;
    return last;
end $$;

-- The member of an answer that answers a question of this kind.
create function answered_by(kind text) returns text language sql immutable as $$
    select case kind when 'choice' then 'option' when 'choices' then 'options' else kind end
$$;

-- What was chosen, in the form in which it is kept and counted: question * 100 for each that is answered, and with the option or step added.
create function chosen_of(answers jsonb) returns smallint[] language sql immutable as $$
    select array_agg(((g->'question')::integer * 100 + o.option)::smallint order by (g->'question')::integer, o.option)
    from jsonb_array_elements(answers) as g cross join lateral (
        select 0 as option
        union all
        select k.option::integer from jsonb_array_elements(coalesce(g->'options', jsonb_build_array(coalesce(g->'option', g->'scale')))) as k (option)
        where k.option <> 'null') as o
$$;

-- The same as it was given, with what was written.
create function answers_given(a wall.survey_answer) returns jsonb language plpgsql stable as $$
declare
    questions jsonb := (select s.questions from wall.survey s where s.community = a.community and s.survey = a.survey);
begin
    return (
        select jsonb_agg(jsonb_build_object('question', q.number, answered_by(q.kind), case q.kind when 'text' then to_jsonb(t.text)
                                            when 'choices' then to_jsonb(q.options) else to_jsonb(q.options[1]) end) order by q.number)
        from (select c.code / 100 as number, questions->(c.code / 100 - 1)->>'kind' as kind,
                     array_agg(c.code % 100 order by c.code) filter (where c.code % 100 > 0) as options
              from unnest(a.chosen) as c (code) group by c.code / 100) as q
        left join wall.survey_text t on t.community = a.community and t.survey = a.survey and t.seq = a.seq and t.question = q.number);
end $$;

create function answer_json(a wall.survey_answer) returns json language plpgsql stable as $$
begin
    return json_build_object('survey', a.survey, 'at', instant(a.at), 'answers', answers_given(a));
end $$;

create function check_answer(asked jsonb, entry jsonb, pointer text) returns void language plpgsql immutable as $$
declare
    kind text := asked->>'kind';
    wanted text := answered_by(kind);
    beyond bigint;
begin
    if asked is null then
        perform refuse_field(pointer || '/question', 'is no question of this survey');
    elsif not entry ? wanted or entry - 'question' - wanted <> '{}' then
        perform refuse_field(pointer, format('a question of the kind %s is answered by %s alone', kind, wanted));
    elsif kind = 'choice' and (entry->'option')::integer > jsonb_array_length(asked->'options') then
        perform refuse_field(pointer || '/option', 'is no option of this question');
    elsif kind = 'choices' then
        if entry->'options' = '[]' then
            perform refuse_field(pointer || '/options', 'is empty');
        end if;
        beyond := (select min(o.position) from jsonb_array_elements(entry->'options') with ordinality as o (number, position)
                   where o.number::integer > jsonb_array_length(asked->'options'));
        if beyond is not null then
            perform refuse_field(format('%s/options/%s', pointer, beyond - 1), 'is no option of this question');
        end if;
    end if;
end $$;

create function check_answers(questions jsonb, given jsonb) returns void language plpgsql immutable as $$
declare
    missing bigint;
    twice bigint := (select max(g.position) from jsonb_array_elements(given) with ordinality as g (entry, position)
                     group by g.entry->'question' having count(*) > 1 limit 1);
begin
    perform check_answer(questions->((g.entry->'question')::integer - 1), g.entry, '/answers/' || g.position - 1)
    from jsonb_array_elements(given) with ordinality as g (entry, position);
    if twice is not null then
        perform refuse_field(format('/answers/%s/question', twice - 1), 'is answered already');
    end if;
    missing := (select min(q.number) from jsonb_array_elements(questions) with ordinality as q (asked, number)
                where not coalesce((q.asked->'optional')::boolean, false)
                  and not exists (select from jsonb_array_elements(given) as g where (g->'question')::bigint = q.number));
    if missing is not null then
        perform refuse_field('/answers', format('question %s is not answered', missing));
    end if;
end $$;

-- The same answer is always written in the same way.
create function in_order(given jsonb) returns jsonb language sql immutable as $$
    select jsonb_agg(case when g ? 'options' then g || jsonb_build_object('options', (select jsonb_agg(distinct o) from jsonb_array_elements(g->'options') as o))
                          else g end order by (g->'question')::integer)
    from jsonb_array_elements(given) as g
$$;

create function store_answer(s wall.survey, voice bytea, kind text, answers jsonb, moment timestamptz) returns wall.survey_answer language plpgsql as $$
declare
    a wall.survey_answer;
begin
    insert into wall.survey_answer (community, survey, voice, kind, at, asked, chosen)
    values (s.community, s.survey, store_answer.voice, store_answer.kind, date_trunc('hour', moment, 'UTC'), asked_of(s),
            chosen_of(answers))
    returning * into a;
    insert into wall.survey_text
    select s.community, s.survey, (g->'question')::integer, gen_random_uuid(), a.seq, g->>'text' from jsonb_array_elements(answers) as g where g ? 'text';
    return a;
end $$;

-- What somebody wrote is erased when he writes otherwise, or wants it so; what he chose stays counted.
create function erase_words(of_community text, of_survey uuid, of_voice bytea) returns void language sql as $$
    update wall.survey_text t set text = erased_text()
    from wall.survey_answer a
    where a.community = of_community and a.survey = of_survey and a.voice = of_voice
      and t.community = a.community and t.survey = a.survey and t.seq = a.seq and t.text <> erased_text()
$$;

-- As whom a caller answers: whoever is not signed in gets a receipt for it where the survey allows that, and a repeat of his request finds it.
create function surveyed_as(s wall.survey, who caller, receipt_hash bytea) returns caller language plpgsql as $$
declare
    own wall.survey_receipt;
begin
    if who.role = 'receipt' and who.opened <> s.survey and exists (select from wall.survey x where x.community = s.community and x.survey = who.opened) then
        perform refuse('not_permitted');         -- of another survey
    elsif who.role <> 'public' then
        return who;
    elsif not s.anonymous then
        perform refuse('not_signed_in');
    end if;
    select * into own from wall.survey_receipt r where r.community = s.community and r.hash = receipt_hash;
    if own.holder is null then
        insert into wall.survey_receipt values (s.community, receipt_hash, s.survey, gen_random_uuid()) returning * into own;
    end if;
    return row(own.holder, 'receipt', null, s.survey, null)::caller;
end $$;

-- Given for the first time, or another one in its place, until the survey ends. The same once more changes nothing.
create function answer_survey(of_community text, of_survey uuid, who caller, given jsonb, key bytea, receipt_hash bytea, reading jsonb, out body text)
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    s wall.survey;
    state text;
    moment timestamptz;
    mine record;
    last wall.survey_answer;
    answers jsonb := in_order(coalesce(reading->'masked'->'answers', given));
begin
    select * into s from wall.survey x where x.community = of_community and x.survey = of_survey for share;    -- nobody changes or closes it meanwhile
    moment := wall_now();
    state := survey_state(s.begins, s.ends, s.closed, moment);
    if s.survey is null or state = 'draft' then
        perform refuse('not_found');
    end if;
    who := surveyed_as(s, who, receipt_hash);
    if state <> 'open' then
        perform refuse('survey_not_open');
    end if;
    perform check_answers(s.questions, given);
    select * into mine from voice_of(of_community, of_survey, who, key);
    last := last_answer(of_community, of_survey, mine.voice);
    if last.seq is null then
        perform check_proof(of_community, who, reading->'proof');
    end if;
    if answers_given(last) is distinct from answers then
        perform erase_words(of_community, of_survey, mine.voice);
        last := store_answer(s, mine.voice, mine.kind, answers, moment);
    end if;
    body := answer_json(last);
end $$;

create function own_answer(of_community text, of_survey uuid, who caller, key bytea) returns table (body json) language plpgsql stable as $$
begin
    return query select answer_json(a) from voice_of(of_community, of_survey, who, key) v, last_answer(of_community, of_survey, v.voice) a where a.seq is not null;
end $$;

-- Whenever he likes, also when the survey is over. Null: he has not answered.
create function erase_own_words(of_community text, of_survey uuid, who caller, key bytea) returns json
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    mine record := voice_of(of_community, of_survey, who, key);
    last wall.survey_answer;
begin
    perform from wall.survey s where s.community = of_community and s.survey = of_survey for update;       -- nobody answers meanwhile
    last := last_answer(of_community, of_survey, mine.voice);
    if last.seq is null then
        return null;
    end if;
    perform erase_words(of_community, of_survey, mine.voice);
    return answer_json(last);
end $$;

-- What came of it

-- Who answered, and how many of them are counted: of a survey that is over all, of an open one the first ten, twenty, thirty ..., by what they had
-- answered (`until`) when the last of them came, so that the counts move by ten people at a time.
create function survey_people(s wall.survey, state text, out n bigint, out residents bigint, out receipts bigint, out counted bigint, out until bigint)
language plpgsql stable as $$
declare
    firsts bigint[];
begin
    select count(*), count(*) filter (where v.kind = 'resident'), count(*) filter (where v.kind = 'receipt'), array_agg(v.first order by v.first)
    into n, residents, receipts, firsts
    from (select a.kind, min(a.seq) as first from wall.survey_answer a
          where a.community = s.community and a.survey = s.survey group by a.voice, a.kind) as v;
    counted := case state when 'closed' then n else n / enough_people() * enough_people() end;
    until := case state when 'closed' then 9223372036854775807 else firsts[counted] end;
end $$;

-- How many have chosen what: {"300": 12, "301": 7, "302": 5}.
create function survey_counts(s wall.survey, until bigint) returns jsonb language plpgsql stable as $$
begin
    return (
        select coalesce(jsonb_object_agg(k.code, k.n), '{}')
        from (select c.code, count(*) as n
              from (select max(x.seq) as seq from wall.survey_answer x
                    where x.community = s.community and x.survey = s.survey and x.seq <= until group by x.voice) as last
              join wall.survey_answer a on a.community = s.community and a.survey = s.survey and a.seq = last.seq
              cross join lateral unnest(a.chosen) as c (code) group by c.code) as k);
end $$;

-- One option with its share of those who answered the question, and what the true share may be (Wilson). Null where they are too few.
create function option_json(option bigint, said jsonb, n bigint, answered bigint) returns json language sql immutable as $$
    select json_build_object('option', option, 'text', said->'text', 'text_en', said->'text_en', 'count', k.n, 'share', percent(k.n, answered),
                              'lower_bound', case when k.n is not null then wilson(k.n, answered) end,
                              'upper_bound', case when k.n is not null then 100 - wilson(answered - k.n, answered) end)
    from (select case when answered >= enough_people() then coalesce(option_json.n, 0) end as n) as k
$$;

-- `counts` null: withheld.
create function counted_json(asked jsonb, n bigint, counts jsonb) returns json language sql immutable as $$
    select json_build_object(
        'question', n, 'kind', asked->'kind', 'text', asked->'text', 'text_en', asked->'text_en', 'answered', k.answered,
        'mean', case when asked->>'kind' = 'scale' and k.answered >= enough_people() then (
            select round(sum(step * (counts->>(n * 100 + step)::text)::bigint) / k.answered, 2) from generate_series(1, 5) as step) end,
        'options', (
            select coalesce(json_agg(option_json(o.number, o.said, (counts->>(n * 100 + o.number)::text)::bigint, k.answered) order by o.number), '[]')
            from jsonb_array_elements(case asked->>'kind' when 'scale' then '[{}, {}, {}, {}, {}]' else asked->'options' end) with ordinality as o (said, number)))
    from (select case when counts is not null then coalesce((counts->>(n * 100)::text)::bigint, 0) end as answered) as k
$$;

-- For everybody as the survey says; those who made it see an open one's as well. Of receipts nobody knows how many one person holds.
create function survey_results(of_community text, of_survey uuid, who caller, out body text)
language plpgsql stable security definer set search_path = wall, rules, pg_temp as $$
declare
    s wall.survey;
    state text;
    people record;
    withheld text;
    counts jsonb;
begin
    select * into s from wall.survey x where x.community = of_community and x.survey = of_survey;
    state := survey_state(s.begins, s.ends, s.closed, wall_now());
    if s.survey is null or state = 'draft' and not is_surveyor(who) then
        perform refuse('not_found');
    end if;
    people := survey_people(s, state);
    withheld := case when s.results = 'closed' and state <> 'closed' and not is_surveyor(who) then 'until_closed'
                     when people.counted < enough_people() then 'few' end;
    counts := case when withheld is null then survey_counts(s, people.until) end;
    body := json_build_object(
        'survey', of_survey, 'title', s.title, 'title_en', s.title_en, 'state', state, 'final', state = 'closed', 'as_of', instant(wall_now()),
        'n', people.n, 'residents', people.residents, 'receipts', people.receipts, 'counted', case when withheld is null then people.counted else 0 end,
        'withheld', withheld, 'questions', (
            select json_agg(counted_json(q.asked, q.number, counts) order by q.number)
            from jsonb_array_elements(s.questions) with ordinality as q (asked, number)))::text;
end $$;

-- What was written to one question, for those who made the survey: in an order that tells nothing, of those answers that are counted.
create function list_survey_texts(of_community text, of_survey uuid, of_question integer, size integer, after_id uuid) returns page language plpgsql stable as $$
declare
    s wall.survey;
    until bigint;
begin
    select * into s from wall.survey x where x.community = of_community and x.survey = of_survey;
    if s.survey is null then
        perform refuse('not_found');
    end if;
    until := (survey_people(s, survey_state(s.begins, s.ends, s.closed, wall_now()))).until;
    return (select page_of(array_agg(words::text), array_agg(words), array_agg(item), size) from (
        select t.words, json_build_object('question', t.question, 'text', t.text)::text as item
        from wall.survey_text t join wall.survey_answer a using (community, survey, seq)
        where t.community = of_community and t.survey = of_survey and t.question = of_question and t.seq <= until
          and t.text <> erased_text() and t.words > coalesce(after_id, '00000000-0000-0000-0000-000000000000')
          and not exists (select from wall.survey_answer later where later.community = a.community and later.survey = a.survey and later.voice = a.voice
                          and later.seq > a.seq and later.seq <= until)
        order by t.words limit size + 1) as written);
end $$;

-- What is known of a resident, and forgetting it

create function surveys_held(of_community text, of_resident uuid, key bytea) returns json language plpgsql stable as $$
begin
    return (select coalesce(json_agg(json_build_object('survey', s.survey, 'title', s.title, 'at', instant(a.at), 'answers', answers_given(a))
                                     order by s.survey, a.seq), '[]')
            from wall.survey s cross join lateral voice_of(of_community, s.survey, row(of_resident, 'resident', null, null, null)::caller, key) v
            join wall.survey_answer a on a.community = s.community and a.survey = s.survey and a.voice = v.voice
            where s.community = of_community);
end $$;

-- A voice that no key leads to.
create function nobodys_voice() returns bytea language sql volatile as $$
    select sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
$$;

-- What was chosen stays counted, under a voice that is nobody's; the words go.
create function forget_voices(of_community text, of_resident uuid, key bytea) returns void language plpgsql as $$
begin
    perform erase_words(of_community, s.survey, v.voice)
    from wall.survey s cross join lateral voice_of(of_community, s.survey, row(of_resident, 'resident', null, null, null)::caller, key) v
    where s.community = of_community;
    with mine as (
        select s.survey, v.voice, nobodys_voice() as nobody
        from wall.survey s cross join lateral voice_of(of_community, s.survey, row(of_resident, 'resident', null, null, null)::caller, key) v
        where s.community = of_community
    )
    update wall.survey_answer a set voice = m.nobody from mine m where a.community = of_community and a.survey = m.survey and a.voice = m.voice;
end $$;

-- A survey that ended so long ago that nobody needs to change or show the own answer: all its voices become nobody's.
create function forget_survey() returns integer language plpgsql as $$
declare
    old wall.survey;
begin
    select s.* into old
    from wall.survey s cross join lateral policy_at(s.community, wall_now()) p
    where least(s.ends, s.closed) < wall_now() - p.retention and s.forgotten is null order by s.created limit 1 for update of s skip locked;
    if old.survey is null then
        return 0;
    end if;
    with voice as materialized (
        select v.voice, nobodys_voice() as nobody
        from (select distinct a.voice from wall.survey_answer a where a.community = old.community and a.survey = old.survey) as v
    )
    update wall.survey_answer a set voice = v.nobody from voice v where a.community = old.community and a.survey = old.survey and a.voice = v.voice;
    delete from wall.survey_receipt r where r.community = old.community and r.survey = old.survey;
    update wall.survey s set forgotten = wall_now() where s.community = old.community and s.survey = old.survey;
    insert into wall.retention_run values (old.community, gen_random_uuid(), wall_now(), 'retention', old.survey);
    return 1;
end $$;

-- Nobody has edited what was answered, and every answer came while the survey was open (of its moment the hour is known).
create function verify_surveys(of_community text) returns table (what text, difference text) language plpgsql stable as $$
begin
    return query
        select format('survey %s', s.survey), format('%s answers are to other questions than it has', count(*))
        from wall.survey s cross join lateral asked_of(s) as k (asked) join wall.survey_answer a using (community, survey)
        where s.community = of_community and a.asked <> k.asked group by s.survey;
    return query
        select format('survey %s', s.survey), format('%s answers came when it was not open', count(*))
        from wall.survey s join wall.survey_answer a using (community, survey)
        where s.community = of_community and (a.at < date_trunc('hour', s.begins, 'UTC') or a.at > least(s.ends, s.closed) or s.begins is null)
        group by s.survey;
end $$;
