-- A dispatcher says that these are about the same matter.
select body, version from decide_cluster(:community, :cluster, 'confirmed', :complaint, :caller, :version)
