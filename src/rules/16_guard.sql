-- The quality guard: an answer that says nothing is warned of; who insists has it published, but it is no answer until the reporter, a visitor or
-- the supervisor accepts it. What C has read of the text (`hollow` of the reading: letters, rest, undated, copied) is judged here.

-- Why an answer is held back; empty: it is not.
create function guard_faults(read jsonb, p wall.policy) returns text[] language plpgsql immutable as $$
begin
    return array(
        select fault from (values
            ('too_short', (read->>'letters')::integer < p.guard_length),
            ('stock_phrases', (read->>'rest')::integer < least(5, (read->>'letters')::integer)),
            ('undated', (read->>'undated')::boolean),
            ('copied', (read->>'letters')::integer >= 30 and (read->>'copied')::integer >= 90)) as k (fault, holds)
        where holds and fault = any(p.guard));
end $$;

create function guard_says(fault text) returns text language sql immutable as $$
    select case fault
        when 'too_short' then 'is too short to say anything'
        when 'stock_phrases' then 'says only what every reply says'
        when 'undated' then 'promises something without a date'
        when 'copied' then 'is nine tenths of one of your last fifty answers' end
$$;

create function warn_of(faults text[], pointer text) returns void language plpgsql as $$
begin
    perform refuse('hollow_reply', jsonb_build_object('warnings', to_jsonb(faults), 'errors', (
        select jsonb_agg(jsonb_build_object('pointer', pointer, 'detail', guard_says(fault))) from unnest(faults) as fault)));
end $$;

-- The answer that waits to be accepted in this round, of the department that holds the case still; null: none.
create function held_reply(c wall.complaint) returns uuid language plpgsql stable as $$
begin
    if is_untouched(c) then
        return null;
    end if;
    return (select r.reply from wall.reply r
            where r.community = c.community and r.complaint = c.complaint and r.round = c.round and r.department = c.department and not r.counts
              and not exists (select from wall.reply_acceptance a where a.community = r.community and a.complaint = r.complaint and a.reply = r.reply)
            order by r.seq desc limit 1);
end $$;

create function hold_back(inout c wall.complaint, at timestamptz, who caller, input jsonb, reading jsonb, faults text[]) language plpgsql as $$
begin
    perform add_reply(c, at, who, 'answer', input, shown_input(input, reading), false);
    perform note_reading(c, at, reading, input);
    c := move(c, at, 'hold_back', who.role, who.actor, '{}', jsonb_build_object('faults', faults), words_of(input));
end $$;

create function accept_reply(inout c wall.complaint, at timestamptz, who caller, mine text[]) language plpgsql as $$
begin
    insert into wall.reply_acceptance values (c.community, c.complaint, held_reply(c), at, actor_kind(who, mine));
    if c.status = 'ledgered' then
        perform claim_ledger_done(c, at, null, null);
    end if;
    c := move(c, at, 'accept_reply', actor_kind(who, mine), actor_of(who));
end $$;
