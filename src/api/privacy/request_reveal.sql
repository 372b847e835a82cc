-- Somebody of the working group has a reason to know who a reporter is.
select body, location from request_reveal(:community, :caller, :new_id, :input, :idempotency, :body_hash)
