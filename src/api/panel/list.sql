-- Who is of the panel, by alias; for a resident the own place in it.
select body from list_panel(:community, :caller) as body
