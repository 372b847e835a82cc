-- The next step of a supervision case.
select body from act_on_supervision(:community, :supervision, :caller, :action, :input, :idempotency, :body_hash)
