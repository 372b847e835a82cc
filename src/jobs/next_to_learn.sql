-- In which community enough was confirmed to learn from, and what; this session holds it until it has learned.
select community, began, lessons from next_to_learn() where community is not null
