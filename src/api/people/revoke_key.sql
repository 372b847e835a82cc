-- A key opens nothing any more.
with ended as (
    update key set active = false where community = :community and key = :key returning *
)
select key_json(ended) as body, pg_notify('caller', ''), record_audit(:community, :caller, 'revoke_key', key, '{}') from ended
