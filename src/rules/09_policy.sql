-- What a community decides: each decision is a new version of its policy, with the moment from which it holds. A complaint keeps the version
-- it was filed under, a day the one at its beginning. To add a setting: its column, and its row among the fields of POST /v1/policies.

create function policy_json(p jsonb, in_force boolean, replaced_by integer) returns jsonb language sql stable as $$
    select p - 'community' || jsonb_build_object('in_force', in_force, 'replaced_by', replaced_by, 'begins',
        case when isfinite((p->>'begins')::timestamptz) then instant((p->>'begins')::timestamptz) end)
$$;

-- The version that was decided later and for no later: because of it this one never holds.
create function policy_replaced_by(of_community text, of_version integer, of_begins timestamptz) returns integer language plpgsql stable as $$
begin
    return (select min(p.version) from policy p where p.community = of_community and p.version > of_version and p.begins <= of_begins);
end $$;

-- Reminders come one after another, and each to somebody.
create function check_ladder(name text, ladder interval[], ladder_to text[], at text) returns void language plpgsql as $$
begin
    if cardinality(ladder) = 0 then
        perform refuse_field(at || name, 'is empty');
    end if;
    if exists (select from generate_subscripts(ladder, 1) as i where ladder[i] >= ladder[i + 1]) then
        perform refuse_field(at || name, 'does not rise from step to step');
    end if;
    if cardinality(ladder) <> cardinality(ladder_to) then
        perform refuse_field(format('%s%s_to', at, name), format('has not as many entries as %s', name));
    end if;
end $$;

-- `at`: where in the request it stands.
create function check_policy(p wall.policy, at text default '/') returns void language plpgsql as $$
declare
    unknown text := (select r from unnest(p.reviewed) as r
                     where not exists (select from wall.category k where k.community = p.community and k.code = r) limit 1);
begin
    perform check_ladder('ladder', p.ladder, p.ladder_to, at), check_ladder('urgent_ladder', p.urgent_ladder, p.urgent_ladder_to, at);
    if unknown is not null then
        perform refuse_field(format('%sreviewed/%s', at, array_position(p.reviewed, unknown) - 1), 'there is no such category', 'unknown_category');
    end if;
    if cardinality(p.warning_stretches) = 0 or exists (select from unnest(p.warning_stretches) as x where extract(epoch from x)::bigint % 3600 <> 0) then
        perform refuse_field(at || 'warning_stretches', 'are one or more, of whole hours');
    end if;
    if p.followup_scored < p.followup then
        perform refuse_field(at || 'followup_scored', 'is shorter than followup');
    end if;
end $$;

-- From when on a new version holds: not in the past, not within a day that is taken. It takes the place of those that were announced for later.
create function policy_begins(of_community text, wanted timestamptz) returns timestamptz language plpgsql as $$
declare
    moment timestamptz := greatest(wall_now(), (select settled_until + interval '1 microsecond' from wall.community h where h.community = of_community));
begin
    if wanted < moment then
        perform refuse_field('/begins', 'is in the past');
    end if;
    if wanted > moment + interval '366 days' then
        perform refuse_field('/begins', 'is more than a year ahead');
    end if;
    return coalesce(wanted, moment);
end $$;

-- The work that who is not signed in has to bring where the policy says so; each proof serves once, within ten minutes. C has seen to it
-- that a proof which comes here was made on a challenge of ours.
create function check_proof(of_community text, who caller, proof jsonb) returns void
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    moment timestamptz := wall_now();
    wanted integer := (policy_at(of_community, moment)).proof_of_work;
    made timestamptz := to_timestamp((proof->>'at')::double precision);
begin
    if coalesce(wanted, 0) = 0 or who.role not in ('public', 'receipt') then
        return;
    end if;
    if (proof->>'bits')::integer >= wanted and made between moment - interval '10 minutes' and moment + interval '1 minute' then
        insert into wall.proof (community, proof, expires) values (of_community, proof->>'id', made + interval '10 minutes') on conflict do nothing;
        if found then
            return;
        end if;
    end if;
    perform refuse('proof_required', jsonb_build_object('bits', wanted, 'at', extract(epoch from moment)::bigint));
end $$;

-- What is not given is taken over from the version that would hold by then. A repeat of the request finds the version by the id made of its number.
create function add_policy(of_community text, who caller, input jsonb, scope bytea, body_hash bytea, out body jsonb, out location text)
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    p wall.policy;
    latest integer;
    moment timestamptz;
    thing uuid;
begin
    perform pg_advisory_xact_lock(community_lock(of_community));
    select max(x.version) into latest from wall.policy x where x.community = of_community;
    if latest is null then
        perform refuse('not_found');
    end if;
    thing := made_before(of_community, scope, body_hash, lpad((latest + 1)::text, 32, '0')::uuid);
    if thing is null then
        if input - 'begins' = '{}' then
            perform refuse_field('', 'holds no setting');
        end if;
        moment := policy_begins(of_community, (input->>'begins')::timestamptz);
        p := jsonb_populate_record(policy_at(of_community, moment), input - 'begins' || jsonb_build_object('version', latest + 1, 'begins', moment));
        perform check_policy(p);
        insert into wall.policy values (p.*);
        perform record_audit(of_community, who, 'add_policy', null, input || jsonb_build_object('version', p.version));
    else
        p := policy_of(of_community, replace(thing::text, '-', '')::numeric::integer);
    end if;
    body := policy_json(to_jsonb(p), p.version = (policy_at(of_community, wall_now())).version, policy_replaced_by(of_community, p.version, p.begins));
    location := '/v1/policies';
end $$;
