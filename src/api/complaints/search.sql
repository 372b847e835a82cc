-- What the community has published and holds what is looked for, the best first unless asked otherwise.
select *
from search(:community, :sought, row(:category::text, :department::uuid, :building::text, :status::text, :from::timestamptz, :to::timestamptz, :answered::boolean,
                                     false, null)::search_filter, :sort, :limit, :after_key, :after_id)
