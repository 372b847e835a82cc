-- Whom to call back, most urgent first.
select * from list_visits(:community, :office, :limit, :after_key, :after_id)
