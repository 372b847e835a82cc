-- Complaints like these go there from now on.
select body, location from add_rule(:community, :caller, :new_id, :input, :idempotency, :body_hash)
