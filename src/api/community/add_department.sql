-- A department joins those who answer.
select body, location from add_department(:community, :caller, :new_id, :input, :idempotency, :body_hash)
