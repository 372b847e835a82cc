-- The token at hand is worth nothing any more.
with ended as (
    delete from session where community = :community and hash = :token_hash returning hash
)
select null::text as body, pg_notify('caller', '') from ended
