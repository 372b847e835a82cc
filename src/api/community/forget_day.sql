-- A day of the calendar is as its place in the week says.
with forgotten as (
    delete from calendar_day where community = :community and day = day_named(:community, :day)
    returning json_build_object('day', day) as body
)
select body, record_audit(:community, :caller, 'forget_day', null, body::jsonb) from forgotten
