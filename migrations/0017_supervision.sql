-- Supervision: what the lists need to be quick and to know what was said, and what is done about a case, step by step.

alter table policy
    add column repeated_within interval not null default '30 days',
    add column repeated_from integer not null default 2,          -- complaints of one reporter, or of one cluster
    add column repeated_redos integer not null default 1,
    add column concentrated_within interval not null default '7 days',
    add column concentrated_from integer not null default 5,      -- different reporters
    add column concentrated_p real not null default 0.01,         -- that chance alone brings as many in a week
    add column stuck_departments integer not null default 3,
    add column stuck_returns integer not null default 2,
    add column stuck_open interval not null default '15 days',
    add column stuck_late integer not null default 3,             -- breached reply deadlines
    add column ledger_changes integer not null default 2,
    add column hollow_within interval not null default '30 days',
    add column hollow_uses integer not null default 5,            -- of one text
    add column hollow_length integer not null default 15,         -- letters of an answer that says something
    add column hollow_last interval not null default '10 minutes',-- before the cutoff
    add column hollow_bunch integer not null default 5;           -- answers of a department in it

-- Candidates of the lists by index.
create index complaint_open on complaint (community, submitted, complaint) where status not in ('closed', 'rejected', 'merged', 'withdrawn');
create index complaint_redone on complaint (community, submitted desc, complaint desc)
    where redos > 0 and status not in ('closed', 'rejected', 'merged', 'withdrawn');
create index complaint_ledgered on complaint (community, submitted, complaint) where status = 'ledgered';
create index cluster_member_submitted on cluster_member (community, submitted);

-- What was read of an answer when it was given: the lists need no text again.
create table reply_reading (
    community text not null,
    complaint uuid not null,
    reply uuid not null,
    at timestamptz not null,
    department uuid not null,
    letters integer not null,
    rest integer not null,                                        -- letters without stock phrases
    undated boolean not null,
    fingerprint bytea not null,                                   -- of the text without points and blanks
    primary key (community, complaint, reply),
    foreign key (community, complaint, reply) references reply);
create index reply_reading_at on reply_reading (community, at desc, reply desc);
create index reply_reading_text on reply_reading (community, fingerprint, at);
create index reply_reading_department on reply_reading (community, department, at);

grant select on reply_reading to echo_wall_daemon;
