-- Somebody joins the staff; a department takes one or two officers.
select body, location from hire(:community, :caller, :new_id, :password_hash, :input, :idempotency, :body_hash)
