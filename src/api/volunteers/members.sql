-- Who is in a group, for its leader and the working group.
select body from show_members(:community, :group, :caller) as body
