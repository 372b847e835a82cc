-- Who else is concerned by a complaint, and how often somebody found it instead of filing it again.

-- Me too. A support that was taken back may be given again and stays the same one, so that nobody rates a round twice.
-- Each giving and taking back is an event of the complaint; `ended` is a cache of the last of them.
create table support (
    community text not null,
    complaint uuid not null,
    support uuid not null,
    began timestamptz not null,
    ended timestamptz,
    resident uuid,                                            -- null: anonymous, known by a receipt alone; or erased
    primary key (community, complaint, support),
    foreign key (community, complaint) references complaint);
create unique index support_resident on support (community, resident, complaint) where resident is not null;

-- A receipt opens a complaint for its reporter, or for the one who gave this support.
alter table receipt add column support uuid;

-- Supporters rate as well, each once a round. Not every rating counts: anybody can make any number of anonymous supporters.
alter table rating add column support uuid, add column counts boolean not null default true;
alter table rating drop constraint already_rated;
alter table rating add constraint already_rated unique nulls not distinct (community, complaint, round, support);

-- A complaint that was not filed because a suggestion showed one like it. `mark` is what the suggestion bore: the same text on the same day counts once.
create table repeat_avoided (
    community text not null references community,
    complaint uuid not null,                                  -- the one that was shown
    mark bytea not null,
    kind text not null check (kind in ('supported', 'answered')),
    at timestamptz not null,
    primary key (community, mark));
create index repeat_avoided_at on repeat_avoided (community, at);

grant select on support, repeat_avoided to echo_wall_daemon;

-- What complaints are about, for telling which are about the same matter: made of the masked text, kept as long as `similar_within` of the policy.
-- A new one waits in likeness_new, where it costs a submission next to nothing, until the clock puts it among the others a moment later.
create table likeness_new (
    community text not null,
    complaint uuid not null,
    submitted timestamptz not null,
    codes integer[] not null,
    weights smallint[] not null,
    primary key (community, complaint));
create index likeness_new_submitted on likeness_new (submitted);

create table likeness (
    community text not null,
    complaint uuid not null,
    submitted timestamptz not null,
    codes integer[] not null,                                 -- each mixed with its community, so that the index finds only those of one
    weights smallint[] not null,
    norm double precision not null,                           -- of the weights, by the frequencies when it was last weighed
    weighed integer not null,                                 -- how many there were then
    primary key (community, complaint));
create index likeness_codes on likeness using gin (codes) with (fastupdate = off);
create index likeness_submitted on likeness (community, submitted);
create index likeness_weighed on likeness (community, weighed);

-- In how many of them each code occurs, and how many they are.
create table code_frequency (
    community text not null,
    code integer not null,
    documents integer not null,
    primary key (community, code)) with (fillfactor = 70);
create table likeness_count (
    community text not null primary key,
    documents integer not null);

alter table policy
    add column similar_from real not null default 0.2,            -- likeness from which a complaint is suggested
    add column posted_from real not null default 0.5,             -- from which it is probably the same
    add column similar_within interval not null default '90 days',
    add column cluster_from real not null default 0.3,            -- from which one that comes in is linked to another
    add column cluster_within interval not null default '30 days';

-- Complaints that are about the same matter: proposed by likeness when they come in, confirmed or parted by a dispatcher.
create table cluster (
    community text not null references community,
    cluster uuid not null,
    began timestamptz not null,
    primary key (community, cluster));

create table cluster_link (
    community text not null,
    cluster uuid not null,
    complaint uuid not null,
    seq bigint generated always as identity,
    act text not null check (act in ('proposed', 'confirmed', 'parted')),
    at timestamptz not null,
    likeness real,                                            -- to the most like of those that were there
    actor uuid,                                               -- null: the system
    primary key (community, complaint, seq),
    foreign key (community, cluster) references cluster);
create index cluster_link_cluster on cluster_link (community, cluster, seq);

-- A cache of the last link of each complaint, without those that were parted.
create table cluster_member (
    community text not null,
    complaint uuid not null,
    cluster uuid not null,
    confirmed boolean not null,
    since timestamptz not null,
    submitted timestamptz not null,                           -- the complaint was
    primary key (community, complaint));
create index cluster_member_cluster on cluster_member (community, cluster, submitted);

grant select on likeness_new, likeness, code_frequency, likeness_count, cluster, cluster_link, cluster_member to echo_wall_daemon;
