-- Who helps; the working group sees those that are only asked for as well.
select body from list_groups(:community, :caller, :state) as body
