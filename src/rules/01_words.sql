-- The small words that all rules are made of: who calls, what time it is, how a moment is written, how a rule refuses.

set local search_path = rules, wall;

create type caller as (actor uuid, role text, office uuid, opened uuid, scopes text[]);

-- The one source of time. Only connections opened with echo_wall.clock = table (--clock-file, tests) look at the table (the public at its view).
create function wall_now() returns timestamptz language plpgsql volatile as $$
begin
    if current_setting('echo_wall.clock', true) is distinct from 'table' then
        return clock_timestamp();
    end if;
    return (select coalesce(instant, clock_timestamp() + shift) from clock);
end $$;

create function instant(moment timestamptz) returns text language sql stable as $$
    select to_char(moment at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;

-- An id of what the rules make by themselves: UUIDv7, ordered by the moment.
create function made_id(moment timestamptz) returns uuid language sql volatile as $$
    select (lpad(to_hex((extract(epoch from moment) * 1000)::bigint), 12, '0') || '7' || substr(md5(gen_random_uuid()::text), 1, 3)
            || '8' || substr(md5(gen_random_uuid()::text), 1, 15))::uuid
$$;

-- Ends the statement with a problem of problems.def; the members of `more` join its document.
create function refuse(code text, more jsonb default null) returns void language plpgsql as $$
begin
    raise exception using errcode = 'EW000', message = code, constraint = code, detail = coalesce(more::text, '');
end $$;

create function refuse_field(pointer text, why text, code text default 'invalid_input') returns void language sql as $$
    select refuse(code, jsonb_build_object('errors', jsonb_build_array(jsonb_build_object('pointer', pointer, 'detail', why))))
$$;

-- If-Match: what the caller has seen is what there is.
create function know_version(of_version integer, version integer) returns void language plpgsql as $$
begin
    if of_version <> version then
        perform refuse('changed_meanwhile');
    end if;
end $$;

-- The advisory lock of a community: shared while something happens, exclusive while a day is taken.
create function community_lock(of_community text) returns bigint language sql immutable as $$
    select hashtextextended(of_community, 311)
$$;

-- Looking things up is plpgsql, not SQL: it keeps its plan from call to call. So is whatever else PostgreSQL does not write into the statement that
-- calls it: an insert, a subquery, and what says that it is immutable but is made of what is not (concat_ws, a text read as an array or as bits).
create function dispatch_office(of_community text) returns uuid language plpgsql stable as $$
begin
    return (select department from wall.department where community = of_community and code = 'dispatch');
end $$;

-- What was decided last of all that has begun: a version takes the place of those that were announced for later.
create function policy_at(of_community text, moment timestamptz) returns wall.policy language plpgsql stable as $$
declare
    found wall.policy;
begin
    select * into found from wall.policy p where p.community = of_community and p.version = (
        select max(d.version) from wall.policy d where d.community = of_community and d.begins <= moment);
    return found;
end $$;

create function policy_of(of_community text, of_version integer) returns wall.policy language plpgsql stable as $$
declare
    found wall.policy;
begin
    select * into found from wall.policy p where p.community = of_community and p.version = of_version;
    return found;
end $$;

create function zone_of(of_community text) returns text language plpgsql stable as $$
begin
    return (select time_zone from wall.community where community = of_community);
end $$;

-- The first moment after a day of the community (the next midnight there; 23 or 25 hours later where clocks change).
create function end_of_day(day date, zone text) returns timestamptz language sql stable as $$
    select (day + 1)::timestamp at time zone zone
$$;

-- A day by its date, or `today` where the community is.
create function day_named(of_community text, named text) returns date language plpgsql stable as $$
begin
    return case named when 'today' then (wall_now() at time zone zone_of(of_community))::date else named::date end;
end $$;

-- The end of the n-th working day after the day of `moment`. Monday to Friday but for what the calendar says.
create function after_working_days(of_community text, moment timestamptz, days integer, zone text) returns timestamptz language plpgsql stable as $$
declare
    today date := (moment at time zone zone)::date;
begin
    return (
        select end_of_day(day, zone)
        from (select today + n as day, row_number() over (order by n) as position
              from generate_series(1, days * 2 + 60) as n
              left join wall.calendar_day k on k.community = of_community and k.day = today + n
              where coalesce(k.working, extract(isodow from today + n) < 6)) as working_day
        where position = days);
end $$;

-- The moment itself, or the end of the span of the day (local, may pass midnight) in which it lies.
create function after_span(moment timestamptz, span_from time, span_until time, ends time, zone text) returns timestamptz language plpgsql stable as $$
declare
    local timestamp := moment at time zone zone;
    clock time := local::time;
begin
    if span_from <= span_until and (clock < span_from or clock >= span_until)
       or span_from > span_until and clock < span_from and clock >= span_until then
        return moment;
    end if;
    return (local::date + case when clock >= span_from and span_from > span_until then 1 else 0 end + ends) at time zone zone;
end $$;

-- The number of a transaction in the stream of events, and the first number there that may still be under way.
create function in_stream(number xid8) returns xid8 language plpgsql stable as $$
begin
    return (number::text::bigint + (select base from wall.stream))::text::xid8;
end $$;

create function stream_xid() returns xid8 language plpgsql volatile as $$
begin
    return in_stream(pg_current_xact_id());
end $$;

create function stream_settled() returns xid8 language plpgsql stable as $$
begin
    return in_stream(pg_snapshot_xmin(pg_current_snapshot()));
end $$;

-- At every start: where the cluster is another one, its numbers follow those that the events have.
create function continue_stream() returns void language plpgsql as $$
declare
    own bigint := (select system_identifier from pg_control_system());
    known wall.stream;
    last bigint;
begin
    select * into known from wall.stream for update;
    if known.cluster is not distinct from own then
        return;
    end if;
    select coalesce(max(newest), 0) into last
    from wall.community h cross join lateral (
        select e.xid::text::bigint as newest from wall.event e where e.community = h.community order by e.xid desc, e.seq desc limit 1) as e;
    update wall.stream set cluster = own,
        base = case when known.cluster is null and last < pg_current_xact_id()::text::bigint then base else greatest(base, last) end;
end $$;

-- Repeats of a request find what the first one made. Null: this is the first; a concurrent first one is waited for.
create function made_before(of_community text, of_scope bytea, of_body bytea, new_thing uuid) returns uuid language plpgsql as $$
declare
    moment timestamptz := wall_now();
    earlier wall.idempotency;
begin
    if of_scope is null then
        return null;
    end if;
    insert into wall.idempotency values (of_community, of_scope, of_body, new_thing, moment) on conflict (community, scope) do nothing;
    if found then
        return null;
    end if;
    select * into earlier from wall.idempotency where community = of_community and scope = of_scope for update;
    if earlier.at < moment - interval '24 hours' then
        update wall.idempotency set body = of_body, thing = new_thing, at = moment where community = of_community and scope = of_scope;
        return null;
    end if;
    if earlier.body <> of_body then
        perform refuse('key_reused');
    end if;
    return earlier.thing;
end $$;
