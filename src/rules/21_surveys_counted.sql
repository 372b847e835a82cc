-- What came of surveys (21_surveys.sql): counts by tens, shares of ten and more; what is known of who answered, and forgetting it.

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
