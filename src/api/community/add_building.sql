-- A building is put on the map.
select body, location from add_building(:community, :caller, :new_id, :input, :idempotency, :body_hash)
