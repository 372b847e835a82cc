-- All draws, newest first, with what is needed to draw them again.
select * from list_draws(:community, :limit, :after_key::integer)
