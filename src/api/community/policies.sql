-- What the community has decided, version by version, the newest first.
select json_build_object('items', json_agg(to_jsonb(p) - 'community' order by version desc), 'next', null) as body
from policy p where community = :community
