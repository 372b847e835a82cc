-- Answers to surveys (21_surveys.sql): whose they are, what fits what was asked, changing them and taking back what was written.

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
