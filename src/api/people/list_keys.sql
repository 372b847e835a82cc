-- The keys of programs, without what they open with.
select json_build_object('items', coalesce(json_agg(key_json(k) order by created), '[]'), 'next', null) as body
from key k where community = :community
