-- The staff, in order of login.
select json_build_object('items', coalesce(json_agg(staff_json(s) order by s.login), '[]'), 'next', null) as body
from staff s where s.community = :community and (:department::uuid is null or s.department = :department)
