-- What the panel has said, newest first.
select * from list_comments(:community, :caller, :complaint, :list, :limit, :after_key, :after_id)
