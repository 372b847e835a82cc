-- What of a month is to be solved first.
select body from show_month(:community, :month) as body where body is not null
