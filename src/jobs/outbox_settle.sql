-- A message has arrived, and what only its receiver may read is gone; or it is tried again, later each time.
update outbox set
    sent = case when :failure::text is null then wall_now() end,
    failure = :failure::text,
    sealed = case when :failure::text is not null then sealed end,
    sealed_for = case when :failure::text is not null then sealed_for end,
    resident = case when :failure::text is not null then resident end,
    phone_hash = case when :failure::text is not null then phone_hash end,
    due = case when :failure::text is null then due
               else wall_now() + ('{1 minute, 5 minutes, 30 minutes, 2 hours, 6 hours, 24 hours}'::interval[])[greatest(least(tries, 6), 1)] end
where community = :community and outbox = :id
