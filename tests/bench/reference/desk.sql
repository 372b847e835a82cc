-- The twenty complaints to which a department owes a reply soonest, put together by PostgreSQL from their columns.
select json_build_object('items', json_agg(json_build_object(
           'seconds_left', floor(extract(epoch from c.reply_due - wall_now()))::bigint,
           'id', c.complaint, 'number', c.number, 'title', c.title, 'excerpt', left(c.text, 120), 'category', c.category, 'category_name', k.name,
           'identity', c.identity, 'visibility', c.visibility, 'publication', c.publication, 'status', c.status, 'urgent', c.urgent,
           'department', json_build_object('id', d.department, 'name', d.name), 'building', c.building, 'place', c.place,
           'latitude', c.latitude, 'longitude', c.longitude, 'channel', c.channel, 'submitted', c.submitted, 'reply_due', c.reply_due,
           'overdue', c.overdue, 'turn', c.turn, 'first_reply', c.first_reply, 'answered', c.answered, 'closed', c.closed, 'result', c.result,
           'merged_into', c.master, 'supporters', c.supporters, 'version', c.version) order by c.reply_due, c.complaint), 'next', null) as body
from (select * from wall.complaint
      where community = :community and department = :office::uuid and turn = 'department'
        and (reply_due, complaint) > (coalesce(:after_key::timestamptz, '-infinity'), coalesce(:after_id::uuid, '00000000-0000-0000-0000-000000000000'))
      order by reply_due, complaint limit :limit::integer) c
left join wall.category k on k.community = c.community and k.code = c.category
left join wall.department d on d.community = c.community and d.department = c.department
