"""
What complaints are found by and what they are alike by, for many at once: as the daemon reads it out of the texts, but for folding and masks, which
these texts do not need. The daemon's own reader takes a hundred a second; without these rows a submission would be measured beside empty indexes.
"""

import io

INDEXES = ("complaint_text_codes", "likeness_codes")
BATCH = 5000

PREPARE = """
create temp table reading (complaint uuid primary key, codes integer[], about integer[], weights smallint[]);
truncate wall.complaint_text, wall.unread, wall.likeness_new, wall.likeness, wall.code_frequency, wall.likeness_count;
"""
FILE = """
analyze reading;
insert into wall.drawer select community, submitted
from (select community, submitted, row_number() over (partition by community order by submitted, complaint) as position from wall.complaint) as filed
where position % rules.drawer_size() = 0 on conflict do nothing;
insert into wall.complaint_text
select c.community, c.complaint, c.submitted, c.title, '{}', c.text, '{}',
       rules.drawer_codes(c.community, rules.drawer_of(c.community, c.submitted), r.codes), (select version from wall.grams_version)
from wall.complaint c join reading r using (complaint);
insert into wall.code_frequency
select c.community, code # rules.code_salt(c.community), count(*)
from wall.complaint c join reading r using (complaint) cross join lateral unnest(r.about) as code group by 1, 2;
insert into wall.likeness_count select community, count(*) from wall.complaint group by 1;
analyze wall.code_frequency;
insert into wall.likeness
select c.community, c.complaint, c.submitted, s.codes, r.weights, rules.norm_of(c.community, s.codes, r.weights, n.documents), n.documents
from wall.complaint c join reading r using (complaint) join wall.likeness_count n using (community)
cross join lateral (select array(select code # rules.code_salt(c.community) from unnest(r.about) as code) as codes) as s;
"""


def pairs(text):
    """The numbers of include/text/grams.h; these texts have no character beyond U+FFFF."""
    for first, second in zip(text, text[1:]):
        if first.isalnum() and second.isalnum():
            yield signed(ord(first) << 16 | ord(second))


def signed(code):
    return code - 2**32 if code >= 2**31 else code


def line(complaint, title, text):
    grams = {*pairs(title), *pairs(text), *(ord(each) for each in title if each.isalnum())}
    about = dict.fromkeys(pairs(title), 3)
    for code in dict.fromkeys(pairs(text[:120])):
        about[code] = about.get(code, 0) + 1
    return f"{complaint}\t{listed(grams)}\t{listed(about)}\t{listed(about.values())}\n"


def listed(numbers):
    return "{" + ",".join(map(str, numbers)) + "}"


def file_all(town, cursor):
    """All that stand in `complaint`, whatever was read of them before."""
    cursor.execute("select indexdef from pg_indexes where indexname = any(%s)", [list(INDEXES)])
    made_by = [definition for (definition,) in cursor.fetchall()]
    cursor.execute(f"drop index {', '.join('wall.' + name for name in INDEXES)}")
    cursor.execute(PREPARE)
    with town.connect() as reader, reader.cursor("of texts", withhold=True) as complaints:
        complaints.itersize = BATCH
        complaints.execute("select complaint, coalesce(title, ''), text from wall.complaint")
        while rows := complaints.fetchmany(BATCH):
            cursor.copy_from(io.StringIO("".join(line(*row) for row in rows)), "reading")
    cursor.execute(FILE)
    for definition in made_by:
        cursor.execute(definition)
