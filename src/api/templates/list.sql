-- What an officer may reply with again, newest first; filled in for a complaint where one is named.
select * from list_templates(:community, :caller, :department, :complaint, :limit, :after_id)
