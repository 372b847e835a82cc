-- What the community has decided, version by version, the newest first.
select json_build_object('items', json_agg(to_jsonb(p) - 'community' || jsonb_build_object('begins', case when isfinite(begins) then instant(begins) end)
                                           order by version desc), 'next', null) as body
from policy p where community = :community having count(*) > 0
