-- What a department owes a reply to, least time left first: its own for an officer, everybody's for the working group.
select *
from list_unanswered(:community, case when :role::text = 'officer' then :office::uuid else :department::uuid end, :limit, :after_key, :after_id)
