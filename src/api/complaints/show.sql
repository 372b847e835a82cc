-- One complaint as this caller sees it.
select body, version, sealed, sealed_for from show_complaint(:community, :complaint, :caller)
