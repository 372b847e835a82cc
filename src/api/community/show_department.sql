-- One department.
select json_build_object('id', department, 'code', code, 'name', name, 'name_en', name_en, 'active', active) as body
from department where community = :community and department = :department
