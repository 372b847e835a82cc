-- What the community has decided, version by version, the newest first; `in_force` is the one that complaints are filed under now,
-- `replaced_by` the one that was decided before this one began.
select json_build_object('items', json_agg(policy_json(to_jsonb(p), p.version = current.version, policy_replaced_by(p.community, p.version, p.begins))
                                           order by p.version desc), 'next', null) as body
from policy p,
     (select version from policy where community = :community and begins <= wall_now() order by version desc limit 1) as current
where p.community = :community having count(*) > 0
