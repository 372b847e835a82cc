-- A notice says something else from now on; what it said before stays.
select body, version from change_notice(:community, :caller, :notice, :version, :input)
