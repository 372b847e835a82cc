-- The history of a complaint, oldest first.
select body from show_events(:community, :complaint, :caller) as body where body is not null
