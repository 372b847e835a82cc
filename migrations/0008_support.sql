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
