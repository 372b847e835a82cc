-- What waits for somebody to look before it is published, oldest first.
select p.*
from (select array_agg(submitted::text) as keys, array_agg(complaint) as ids, array_agg(entry) as entries
      from (select submitted, complaint, entry from complaint
            where community = :community and publication = 'pending' and visibility = 'public'
              and (submitted, complaint) > (coalesce(:after_key::timestamptz, '-infinity'), coalesce(:after_id::uuid, '00000000-0000-0000-0000-000000000000'))
            order by submitted, complaint limit :limit::integer + 1) as oldest) as rows,
     page_of(rows.keys, rows.ids, rows.entries, :limit) as p
