-- A building is put on the map.
insert into building (community, code, name) values (:community, :code, :name)
returning json_build_object('code', code, 'name', name) as body, '/v1/buildings/' || code as location
