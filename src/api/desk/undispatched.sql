-- What no department has yet, oldest first.
select p.*
from (select array_agg(submitted::text) as keys, array_agg(complaint) as ids, array_agg(with_seconds_left(entry, reply_due, wall_now())) as entries
      from (select submitted, complaint, entry, reply_due from complaint
            where community = :community and status = 'submitted'
              and (submitted, complaint) > (coalesce(:after_key::timestamptz, '-infinity'), coalesce(:after_id::uuid, '00000000-0000-0000-0000-000000000000'))
            order by submitted, complaint limit :limit::integer + 1) as oldest) as rows,
     page_of(rows.keys, rows.ids, rows.entries, :limit) as p
