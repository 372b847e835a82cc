-- The rule is no more; what it sent keeps its id.
select json_build_object('id', :rule::uuid) as body where remove_rule(:community, :caller, :rule)
