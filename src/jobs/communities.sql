-- Every community, and how much of it there is to verify.
select community,
       (select count(distinct day) from clearing where clearing.community = community.community) as days,
       (select count(*) from complaint where complaint.community = community.community) as complaints,
       (select count(*) from event where event.community = community.community) as events
from community
order by community
