-- A text is kept to be replied with again.
select body, location from add_template(:community, :caller, :new_id, :input, :idempotency, :body_hash)
