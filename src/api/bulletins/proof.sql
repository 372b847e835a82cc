-- Whoever holds the receipt can show that the complaint is in the bulletin of this day, and when it was filed.
select body from prove_filing(:community, :day, :caller) as body where body is not null
