-- The twenty newest complaints, put together by PostgreSQL from their columns: what the list would cost without entries kept ready.
select json_build_object('items', json_agg(json_build_object(
           'id', c.complaint, 'number', c.number, 'title', c.title, 'excerpt', left(c.text, 120), 'category', c.category, 'category_name', k.name,
           'identity', c.identity, 'visibility', c.visibility, 'publication', c.publication, 'status', c.status, 'urgent', c.urgent,
           'department', json_build_object('id', d.department, 'name', d.name), 'building', c.building, 'place', c.place,
           'latitude', c.latitude, 'longitude', c.longitude, 'channel', c.channel, 'submitted', c.submitted, 'reply_due', c.reply_due,
           'overdue', c.overdue, 'turn', c.turn, 'first_reply', c.first_reply, 'answered', c.answered, 'closed', c.closed, 'result', c.result,
           'merged_into', c.master, 'supporters', c.supporters, 'version', c.version) order by c.submitted desc, c.complaint desc), 'next', null) as body
from (select * from wall.complaint
      where community = :community and publication = 'published' and visibility = 'public'
        and (submitted, complaint) < (coalesce(:after_key::timestamptz, 'infinity'), coalesce(:after_id::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
      order by submitted desc, complaint desc limit :limit::integer) c
left join wall.category k on k.community = c.community and k.code = c.category
left join wall.department d on d.community = c.community and d.department = c.department
