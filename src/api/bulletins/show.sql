-- The bulletin of a day, with all that is needed to compute its hash.
select body from show_bulletin(:community, :day) as body where body is not null
