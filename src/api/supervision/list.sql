-- Supervision cases, newest first: an officer sees those about the department.
select * from list_supervision(:community, :caller, :status, :subject, :department, :limit, :after_key, :after_id)
