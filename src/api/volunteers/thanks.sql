-- What volunteers have done in a month.
select body from thanks(:community, :month) as body
