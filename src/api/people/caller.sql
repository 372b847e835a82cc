-- Who a token or a key belongs to, while it holds.
select coalesce(x.staff, x.resident) as actor, coalesce(s.role, 'resident') as role, s.department as office, null::text[] as scopes
from session x left join staff s using (community, staff)
where x.community = :community and x.hash = :token_hash and x.expires > wall_now() and (x.staff is null or s.active)
union all
select k.key, 'key', null, k.scopes from key k where k.community = :community and k.hash = :token_hash and k.active
