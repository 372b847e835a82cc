-- The cases that a figure counts, newest first.
select * from list_figure_cases(:community, :figure, :part, jsonb_build_object(
    'from', :from::text, 'to', :to::text, 'as_of', :as_of::text, 'department', :department::text, 'category', :category::text, 'building', :building::text,
    'without', :without::text, 'day', :day::text), :caller, :limit, :after_key, :after_id)
where body is not null
