-- The working group approves a group, refuses it, or dissolves it.
select body from decide_group(:community, :group, :caller, :action, (:input::jsonb)->>'reason')
