-- A word speaks for a category, with this weight.
select set_word(:community, :caller, :input) as body
