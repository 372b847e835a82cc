-- What is told, the oldest first, becomes deliveries; where there is a file for it, it is one server's for a minute, to be written there.
select outbox as id, community, channel, event, sealed, sealed_for,
       payload || jsonb_strip_nulls(jsonb_build_object('at', instant(at), 'audience', audience, 'complaint', complaint, 'department', department)) as payload
from pass_on(:limit, :to_file, :by_sms)
