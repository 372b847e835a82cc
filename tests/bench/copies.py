"""
Makes each lived complaint many: copies of all its rows, set by set, as many as are wanted. A copy has ids, texts, numbers and hashes of its own,
and its moments come up to 50 seconds later - but for whole minutes, which only rules produce and which are the same for all. So a copy
stays on the same side of every cutoff, its chain of hashes holds, and the days are those of the first ones, multiplied.
"""

import io
import random

import texts

TABLES = (  # complaint first: others refer to it
    "complaint complaint_identity receipt event event_text holding deadline deadline_mark timer reminder reply message note followup rating"
    " ledger ledger_step extension classification clearing_case supervision outbox"
).split()
OWN_IDS = "reply corrects message note followup ledger step extension classification supervision".split()

PREPARE = """
create function pg_temp.later(t timestamptz, shift interval) returns timestamptz language sql immutable as $$
    select case when t = date_trunc('minute', t) then t else t + shift end
$$;
create function pg_temp.twin(id uuid, j integer) returns uuid language sql immutable as $$
    select (left(id::text, 24) || lpad((right(id::text, 12)::bigint + j)::text, 12, '0'))::uuid
$$;
create function pg_temp.own(id uuid, j integer) returns uuid language sql immutable as $$ select md5(id::text || j)::uuid $$;
create function pg_temp.link(state bytea, e wall.event) returns bytea language sql stable as $$
    select sha256(coalesce(state, sha256(convert_to(e.community || '/' || e.complaint, 'UTF8'))) || rules.canonical(e))
$$;
create aggregate pg_temp.chain(wall.event) (sfunc = pg_temp.link, stype = bytea);
create temp table copy as
select j, j * interval '50 seconds' / {factor} as shift from generate_series(1, {factor} - 1) as j;
analyze copy;
create temp table new_text (complaint uuid, text text);
update wall.outbox set sent = at where sent is null;
"""

# Each is made whole before it is stored: the text before the event that commits to it, the chain before the complaint that shows its end.
STAGED = """
create temp table complaint_copy as
select {complaint} from wall.complaint x cross join copy join new_text t on t.complaint = pg_temp.twin(x.complaint, j);
create temp table text_copy as select {event_text} from wall.event_text x cross join copy;
create index on complaint_copy (complaint);
analyze complaint_copy;
update text_copy t set text = concat_ws(E'\\n', c.title, c.text)
from complaint_copy c where c.complaint = t.complaint and t.text = c.first;
create temp table event_copy as select {event} from wall.event x cross join copy;
create index on text_copy (complaint, seq);
analyze text_copy;
update event_copy e set content = sha256(t.nonce || convert_to(t.text, 'UTF8'))
from text_copy t where t.complaint = e.complaint and t.seq = e.seq and e.action = 'submit';
create temp table chained as
select e.*, pg_temp.chain(row(e.*)::wall.event) over (partition by e.complaint order by e.seq) as linked from event_copy e;
insert into wall.event select {event_columns} from chained;
create temp table last_link as select distinct on (complaint) complaint, linked from chained order by complaint, seq desc;
insert into wall.event_text select {text_columns} from text_copy;
insert into wall.complaint
select {complaint_columns} from (
    select rules.entry_json(c) as shown, c.* from (select (row({complaint_row})::wall.complaint).* from complaint_copy join last_link using (complaint)) c) s;
"""

AFTERWARDS = """
insert into wall.supervision_act
select a.community, pg_temp.own(a.supervision, j), a.seq, a.status, pg_temp.later(a.at, shift), a.author, a.owner, pg_temp.later(a.due, shift), a.text
from wall.supervision_act a join wall.supervision s using (community, supervision) cross join copy
where s.complaint is not null and right(s.complaint::text, 12)::bigint % {factor} = 100000000000 % {factor};
update wall.clearing set received = received * {factor}, answered = answered * {factor}, open = open * {factor}, late_arrivals = late_arrivals * {factor};
update wall.submission_count set submitted = submitted * {factor};
select setval('wall.event_seq', (select max(seq) from wall.event));
select setval('wall.number_{community}', (select max(substr(number, 10)::bigint) from wall.complaint));
"""


class Copies:
    def __init__(self, cursor, community, factor):
        self.cursor, self.community, self.factor = cursor, community, factor
        self.columns = {table: self.columns_of(table) for table in TABLES}
        self.highest_seq = self.value("select max(seq) from wall.event")
        self.highest_number = self.value("select max(substr(number, 10)::bigint) from wall.complaint")

    def value(self, sql, *values):
        self.cursor.execute(sql, values or None)
        return self.cursor.fetchone()[0]

    def columns_of(self, table):
        """Names with their types, in order, without what the database makes itself."""
        self.cursor.execute(
            "select column_name, data_type from information_schema.columns"
            " where table_schema = 'wall' and table_name = %s and is_identity = 'NO' order by ordinal_position",
            [table],
        )
        return self.cursor.fetchall()

    def copied(self, table, name, kind):
        """What stands in a column of a copy."""
        special = {
            ("complaint", "number"): f"left(x.number, 9) || {self.highest_number} + (substr(x.number, 10)::bigint - 1) * {self.factor - 1} + j",
            ("complaint", "text"): "t.text",
            ("receipt", "hash"): "sha256(x.hash || int4send(j))",
            ("event", "xid"): "pg_current_xact_id()",
            ("event", "data"): "case when x.data ? 'into' then x.data || jsonb_build_object('into', pg_temp.twin((x.data->>'into')::uuid, j)) else x.data end",
        }
        if (table, name) in special:
            return special[table, name]
        if name in ("complaint", "master"):
            return f"pg_temp.twin(x.{name}, j)"
        if name == "seq":
            return f"{self.highest_seq} + (x.seq - 1) * {self.factor - 1} + j"
        if kind == "uuid" and name in OWN_IDS:
            return f"pg_temp.own(x.{name}, j)"
        if kind == "timestamp with time zone":
            return f"pg_temp.later(x.{name}, shift)"
        return f"x.{name}"

    def copy_of(self, table):
        return ", ".join(f"{self.copied(table, name, kind)} as {name}" for name, kind in self.columns[table])

    def names(self, table, **instead):
        return ", ".join(instead.get(name, name) for name, _ in self.columns[table])

    def write_texts(self):
        """One of its own for each copy."""
        chance, pool = random.Random(3), texts.sentences(600)
        self.cursor.execute("select complaint::text from wall.complaint")
        firsts = [(name[:24], int(name[24:])) for (name,) in self.cursor.fetchall()]
        for each in range(0, len(firsts), 100):
            lines = (
                f"{start}{position + j:012}\t{texts.text(chance, pool)}\n" for start, position in firsts[each : each + 100] for j in range(1, self.factor)
            )
            self.cursor.copy_from(io.StringIO("".join(lines)), "new_text")
        self.cursor.execute("analyze new_text")

    def prepare(self):
        self.cursor.execute(PREPARE.format(factor=self.factor))

    def copy(self, table, where=""):
        self.cursor.execute(f"insert into wall.{table} ({self.names(table)}) select {self.copy_of(table)} from wall.{table} x cross join copy {where}")

    def make(self, progress):
        if self.factor < 2:
            return
        self.prepare()
        self.write_texts()
        progress("texts, events and their chains")
        self.cursor.execute(
            STAGED.format(
                complaint=self.copy_of("complaint") + r", concat_ws(E'\n', x.title, x.text) as first",
                event_text=self.copy_of("event_text"),
                event=self.copy_of("event"),
                event_columns=self.names("event", hash="linked"),
                text_columns=self.names("event_text"),
                complaint_columns=self.names("complaint", entry="shown"),
                complaint_row=self.names("complaint", hash="linked"),
            )
        )
        progress("the rest")
        for table in TABLES:
            if table not in ("complaint", "event", "event_text"):
                self.copy(table, "where x.complaint is not null" if table in ("supervision", "outbox") else "")
        self.cursor.execute(AFTERWARDS.format(factor=self.factor, community=self.community))
