-- A dispatcher says that they are not.
select body, version from decide_cluster(:community, :cluster, 'parted', :complaint, :caller, :version)
