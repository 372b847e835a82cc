-- Holidays, and the weekend days worked for them.
select json_build_object('items', coalesce(json_agg(json_build_object('day', day, 'working', working, 'name', name) order by day), '[]'), 'next', null) as body
from calendar_day where community = :community and day between coalesce(:from::date, '0001-01-01') and coalesce(:to::date, '9999-12-31')
