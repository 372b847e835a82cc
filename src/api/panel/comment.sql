-- A member of the panel says something about a complaint or a list.
select body from add_comment(:community, :caller, :input, :reading, :new_id, :idempotency, :body_hash)
