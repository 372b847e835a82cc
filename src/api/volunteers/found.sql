-- A resident asks for a group, and leads it.
select body, location from found_group(:community, :caller, :input, :new_id, :idempotency, :body_hash)
