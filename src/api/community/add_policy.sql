-- The community decides anew how it treats complaints: a version of its policy, with the moment from which it holds.
select body, location from add_policy(:community, :caller, :input, :idempotency, :body_hash)
