-- A sign-in code goes to a phone; a newer one replaces it.
with proven as materialized (
    select check_proof(:community, :caller, :reading::jsonb->'proof')
), made as (
    insert into code (community, phone_hash, hash, expires)
    select community, :phone_hash, :code_hash, wall_now() + interval '10 minutes' from community cross join proven where community = :community
    on conflict (community, phone_hash) do update set hash = excluded.hash, expires = excluded.expires, tries = 0
    returning community, expires
), told as (
    insert into outbox (community, at, channel, event, audience, payload, sealed, sealed_for, phone_hash, due)
    select community, wall_now(), 'file', 'code', 'phone', '{}', :code_sealed, :new_id, :phone_hash, wall_now() from made
    returning outbox
)
select json_build_object('expires', instant(made.expires)) as body from made, told
