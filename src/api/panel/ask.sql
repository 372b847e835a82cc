-- A resident asks to be of the panel.
select body from ask_for_panel(:community, :caller, :alias, :new_id)
