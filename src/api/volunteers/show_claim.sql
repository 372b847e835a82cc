-- A claim, for the volunteer and those inside the case.
select body from show_claim(:community, :claim, :caller) as body where body is not null
