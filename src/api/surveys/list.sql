-- The surveys, newest first; drafts are for those who make them.
select * from list_surveys(:community, :caller, :state, :limit, :after_id)
