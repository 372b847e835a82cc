-- Where something can be wrong.
select json_build_object('items', coalesce(json_agg(json_build_object('code', code, 'name', name) order by code), '[]'), 'next', null) as body
from building where community = :community
