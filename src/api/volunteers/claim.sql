-- A volunteer takes up a simple case; it stays with its department.
select body, location from claim_case(:community, :complaint, :caller, :version, :new_id, :idempotency, :body_hash)
