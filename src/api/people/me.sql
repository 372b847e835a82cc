-- Who is asking.
select coalesce(
    (select staff_json(s) from staff s where s.community = :community and s.staff = :actor),
    (select json_build_object('id', r.resident, 'role', 'resident', 'building', r.building, 'created', instant(r.created))
     from resident r where r.community = :community and r.resident = :actor)) as body,
    (select r.sealed from resident r where r.community = :community and r.resident = :actor) as sealed, :actor::text as sealed_for
