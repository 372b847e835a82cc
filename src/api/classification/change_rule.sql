-- They go elsewhere, or the rule rests.
select change_rule(:community, :caller, :rule, :input) as body
