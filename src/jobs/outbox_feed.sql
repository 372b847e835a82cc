-- The webhooks of every community read on in the stream of its events.
select feed_hooks() as events
