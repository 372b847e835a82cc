-- What one can complain about.
select json_build_object('items', json_agg(json_build_object(
    'code', code, 'name', name, 'name_en', name_en, 'department', department, 'visibility', visibility, 'simple', simple, 'days', days)
    order by position, code), 'next', null) as body
from category where community = :community having count(*) > 0
