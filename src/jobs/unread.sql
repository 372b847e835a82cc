-- Some of the complaints of any community that nobody has read yet, as everybody may read them.
select u.community, u.complaint, u.mark, coalesce(c.masked_title, c.title) as title, coalesce(c.masked_text, c.text) as text, coalesce(c.masked_place, c.place) as place
from (select * from unread limit :limit) as u join complaint c using (community, complaint)
