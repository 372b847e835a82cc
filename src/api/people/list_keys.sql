-- The keys of programs, without what they open with.
select json_build_object('items', coalesce(json_agg(json_build_object(
    'id', key, 'name', name, 'scopes', scopes, 'active', active, 'created', instant(created)) order by created), '[]'), 'next', null) as body
from key where community = :community
