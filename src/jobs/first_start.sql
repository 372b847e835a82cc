-- The community, its dispatch office, its categories and its admin, unless they are there.
select first_start(:community, :time_zone, :staff::uuid, :login, :password_hash, made_id(wall_now())) as created
