-- A supervision case is opened by hand.
select body, version, location from open_supervision(:community, :caller, :input, :new_id, :idempotency, :body_hash)
