-- Those who left a day open say why, before they close it late.
select body, location from explain_day(:community, :caller, :day, :department, :text, :idempotency, :body_hash)
