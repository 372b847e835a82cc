"""Many complaints at once, without a request each: copies of one that was filed, with texts of their own, which the reader has yet to read."""

import json

COPY = """
with given as (
    select *, row_number() over () as n, gen_random_uuid() as id
    from jsonb_to_recordset(%s) as g(title text, text text)
), made as (
    select r.* from given g join wall.complaint c on c.complaint = %s cross join lateral jsonb_populate_record(c, jsonb_build_object(
        'complaint', g.id, 'number', g.id, 'entry', replace(c.entry, c.complaint::text, g.id::text),
        'title', g.title, 'text', g.text, 'submitted', c.submitted - g.n * interval '1 minute')) as r
), filed as (
    insert into wall.complaint select {columns} from made returning community, complaint
)
insert into wall.unread select community, complaint from filed
"""


def file_texts(database, complaint, texts):
    """`texts`: pairs of title and text."""
    columns = ", ".join(name for (name,) in database.all(
        "select column_name from information_schema.columns where table_schema = 'wall' and table_name = 'complaint' order by ordinal_position"))
    for at in range(0, len(texts), 1000):
        batch = [{"title": title, "text": text} for title, text in texts[at : at + 1000]]
        database.all(COPY.format(columns=columns), json.dumps(batch, ensure_ascii=False), complaint)
