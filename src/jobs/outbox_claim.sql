-- Messages whose moment has come, the oldest first, are one server's for a minute; whoever crashes meanwhile leaves them to be sent again.
with claimed as (
    update outbox set due = wall_now() + interval '1 minute', tries = tries + 1
    where (community, outbox) in (
        select community, outbox from outbox where sent is null and due <= wall_now() order by due, outbox limit :limit::integer for update skip locked)
    returning *
)
select outbox as id, community, channel, event, sealed, sealed_for,
       payload || jsonb_strip_nulls(jsonb_build_object('at', instant(at), 'audience', audience, 'complaint', complaint, 'department', department)) as payload
from claimed order by at, outbox
