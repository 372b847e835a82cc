-- Somebody does something to a complaint; the table of transitions says by whom, from where and to what end.
select body, version, location from act(:community, :complaint, :caller, :action, :version, :input, :idempotency, :body_hash, :reading)
