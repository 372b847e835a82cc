-- One cluster with its complaints and what was decided of each.
select body, cluster_version(:community, :cluster) as version from show_cluster(:community, :cluster) as body where body is not null
