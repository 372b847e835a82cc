-- One of them.
select rule_json(r) as body from routing_rule r where r.community = :community and r.rule = :rule
