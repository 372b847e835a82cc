-- A day of the calendar is a holiday, or worked.
with chosen as (
    insert into calendar_day (community, day, working, name) values (:community, day_named(:community, :day), :working, :name)
    on conflict (community, day) do update set working = excluded.working, name = excluded.name
    returning json_build_object('day', day, 'working', working, 'name', name) as body
)
select body, record_audit(:community, :caller, 'set_day', null, body::jsonb) from chosen
