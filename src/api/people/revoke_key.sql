-- A key opens nothing any more.
with ended as (
    update key set active = false where community = :community and key = :key returning *
)
select json_build_object('id', key, 'name', name, 'scopes', scopes, 'active', active) as body, pg_notify('caller', '') from ended
