-- The next step of a supervision case.
select body, version from act_on_supervision(:community, :supervision, :caller, :action, :version, :input, :idempotency, :body_hash)
