-- What holds what is looked for, among all complaints that somebody at the desk may see: an officer those of the department.
select *
from search(:community, :sought, row(:category::text, :department::uuid, :building::text, :status::text, :from::timestamptz, :to::timestamptz, :answered::boolean,
                                     true, case when :role = 'officer' then coalesce(:office, '00000000-0000-0000-0000-000000000000')::uuid end)::search_filter,
            :sort, :limit, :after_key, :after_id)
