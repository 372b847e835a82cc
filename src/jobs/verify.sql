-- Every difference between what is recorded and what the facts say.
select what, difference from verify(:community)
