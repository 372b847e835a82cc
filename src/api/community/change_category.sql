-- The admin says where complaints of a category go, and how they are treated.
select change_category(:community, :caller, :code, :input) as body
