-- The work that somebody has to bring who is not signed in, as the policy says; 0: none.
select json_build_object('bits', coalesce((select proof_of_work from policy where community = h.community and begins <= wall_now()
                                           order by version desc limit 1), 0),
                         'at', extract(epoch from wall_now())::bigint) as body
from community h where h.community = :community
