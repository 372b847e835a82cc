-- A day of the calendar is a holiday, or worked.
insert into calendar_day (community, day, working, name) values (:community, day_named(:community, :day), :working, :name)
on conflict (community, day) do update set working = excluded.working, name = excluded.name
returning json_build_object('day', day, 'working', working, 'name', name) as body
