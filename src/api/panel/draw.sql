-- A random sample of closed cases, for a second visit; the next bulletin draws it.
select body, location from draw_sample(:community, :caller, :size, :from, :to, :idempotency, :body_hash)
