-- A dispatcher says that they are not.
select body from decide_cluster(:community, :cluster, 'parted', :complaint, :caller)
