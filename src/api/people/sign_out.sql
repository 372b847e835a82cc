-- The token at hand is worth nothing any more.
with ended as (
    delete from session where community = :community and hash = :token_hash returning staff
)
select null::text as body, pg_notify('caller', ''), case when staff is not null then record_audit(:community, :caller, 'sign_out', null, '{}') end from ended
