-- Who answers; the dispatch office is one of them.
select json_build_object('items', json_agg(json_build_object(
    'id', department, 'code', code, 'name', name, 'name_en', name_en, 'active', active) order by code), 'next', null) as body
from department where community = :community having count(*) > 0
