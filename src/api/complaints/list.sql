-- What the community has published, newest first unless asked otherwise.
select *
from list_published(:community, :category, :department, :building, :status, :from, :to, :answered, :sort, :limit, :after_key, :after_id)
