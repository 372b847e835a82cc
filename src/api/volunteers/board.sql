-- What a volunteer may take up, oldest first.
select * from list_board(:community, :caller, :building, :limit, :after_key, :after_id)
