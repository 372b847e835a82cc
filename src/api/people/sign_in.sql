-- A member of staff has shown the password: a session of 14 days.
with who as (
    select * from staff where community = :community and login = :login and active
), opened as (
    insert into session (community, hash, staff, created, expires)
    select community, :new_token_hash, staff, wall_now(), wall_now() + interval '14 days' from who
    returning expires
), noted as (
    insert into audit (community, at, actor, actor_kind, action) select community, wall_now(), staff, role, 'sign_in' from who
    returning audit
)
select json_build_object('expires', instant(opened.expires), 'who', staff_json(who)) as body
from who, opened, noted
