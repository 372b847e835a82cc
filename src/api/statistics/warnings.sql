-- Unusual bursts, newest first, with their evidence: an officer sees those that concern the department.
select * from list_warnings(:community, :caller, :category, :building, :since, :limit, :after_key, :after_id)
