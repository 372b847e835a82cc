-- One notice with its versions and what it is about.
select body, version from show_notice(:community, :notice, :caller)
