-- What complaints are found by. It stands beside `complaint`, not in it: that table changes often, and with it would its index of thousands of keys.

-- A stretch of time of a community, begun every few thousand complaints (rules.begin_drawer), so that looking for something common looks
-- into the newest few alone. The first one has always been and has no row. None is ever begun in the past.
create table drawer (
    community text not null references community,
    begins timestamptz not null,
    primary key (community, begins));
insert into drawer
select community, submitted
from (select community, submitted, row_number() over (partition by community order by submitted, complaint) as position from complaint) as filed
where position % 4096 = 0
on conflict do nothing;

-- The texts as they are looked through: plain, with the steps back to the texts as everybody may read them (include/text/plain.h).
create table complaint_text (
    community text not null,
    complaint uuid not null,
    submitted timestamptz not null,
    title text,
    title_steps integer[] not null,
    text text not null,
    text_steps integer[] not null,
    codes integer[] not null,                                 -- its grams, each mixed with the key of its drawer
    grams integer not null,                                   -- the version of their numbers (include/text/grams.h)
    primary key (community, complaint),
    foreign key (community, complaint) references complaint);
alter table complaint_text alter column codes set storage external;
create index complaint_text_codes on complaint_text using gin (codes) with (gin_pending_list_limit = 1024);  -- kB; see sort_grams_in()

-- Complaints whose texts somebody still has to read: filed before there was this table, by another version of the grams, or changed since.
create table unread (
    community text not null,
    complaint uuid not null,
    mark uuid not null default gen_random_uuid(),             -- of this wish: what was read before it does not fulfil it
    primary key (community, complaint));
insert into unread select community, complaint from complaint;

-- The version of the grams that everything was read by, or is being read by.
create table grams_version (
    one boolean primary key default true check (one),
    version integer not null);

grant select on drawer, complaint_text, unread, grams_version to echo_wall_daemon;
