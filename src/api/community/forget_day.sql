-- A day of the calendar is as its place in the week says.
delete from calendar_day where community = :community and day = day_named(:community, :day)
returning json_build_object('day', day) as body
