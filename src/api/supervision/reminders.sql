-- What the caller was reminded of, newest first.
select * from list_reminders(:community, :caller, :open, :limit, :after_key, :after_id)
