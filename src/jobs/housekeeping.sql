-- In every community, sessions, codes and proofs of work that hold no longer, keys of requests that nobody repeats after a day, and what was
-- delivered a month ago are forgotten.
with moment as materialized (
    select wall_now() as now
), old_sessions as (
    delete from session using moment where session.expires < now returning 1
), old_codes as (
    delete from code using moment where code.expires < now returning 1
), old_proofs as (
    delete from proof using moment where proof.expires < now returning 1
), old_keys as (
    delete from idempotency using moment where idempotency.at < now - interval '24 hours' returning 1
), old_deliveries as (
    delete from delivery using moment where delivery.state <> 'pending' and delivery.at < now - interval '30 days' returning 1
)
select (select count(*) from old_sessions) as sessions, (select count(*) from old_codes) as codes, (select count(*) from old_keys) as keys,
       (select count(*) from old_deliveries) as deliveries
