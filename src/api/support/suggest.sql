-- What somebody is writing: the categories that its words speak for, and what is published already that is like it.
select suggest(:community, :building, :category, :reading, :suggestion_key) as body
