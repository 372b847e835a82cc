-- A notice is published, or withdrawn.
select body, version from expose_notice(:community, :caller, :notice, :action)
