-- A reveal, and for its requester the contact while it may be seen.
select body, sealed, sealed_for from show_reveal(:community, :caller, :reveal)
