-- A webhook follows the events from now on; its secret is shown this once.
select body, location from make_hook(:community, :caller, :new_id, :input, :new_secret_sealed, :idempotency, :body_hash)
