-- The community itself: its name, its zone, its day.
select json_build_object('community', community, 'name', name, 'name_en', name_en, 'time_zone', time_zone,
                         'today', (wall_now() at time zone time_zone)::date) as body
from community where community = :community
