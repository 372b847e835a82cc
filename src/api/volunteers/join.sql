-- A resident asks to join a group.
select body from join_group(:community, :group, :caller, :alias, :new_id)
