-- A claim, for the volunteer and those inside the case.
select body, version from show_claim(:community, :claim, :caller) where body is not null
