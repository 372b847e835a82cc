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

-- Cases: about a complaint, a cluster or a department; opened by a rule, or by hand.
alter table supervision drop constraint supervision_subject_check;
alter table supervision add constraint supervision_subject_check check (subject in ('complaint', 'cluster', 'department'));
alter table supervision add column cluster uuid, add column author uuid;
create index supervision_cluster on supervision (community, cluster) where cluster is not null;

-- What was done in a step, by whom; an order is to a department.
alter table supervision_act
    add column action text not null default 'screen' check (action in ('screen', 'verify', 'order', 'feedback', 'confirm', 'dismiss', 'remind', 'overdue')),
    add column department uuid;
create index supervision_act_ordered on supervision_act (community, department, supervision) where department is not null;
create index supervision_act_owner on supervision_act (community, owner, supervision) where owner is not null;
revoke insert on supervision, supervision_act from echo_wall_daemon;

-- Somebody named was reminded, with a level; acknowledging it stops nothing.
create table supervision_reminder (
    community text not null,
    reminder uuid not null,
    supervision uuid not null,
    seq integer not null,                                         -- of the step, which has the text
    staff uuid not null,
    level integer not null check (level between 1 and 3),
    at timestamptz not null,
    primary key (community, reminder),
    foreign key (community, supervision, seq) references supervision_act);
create index supervision_reminder_staff on supervision_reminder (community, staff, at desc, reminder desc);
create index supervision_reminder_step on supervision_reminder (community, supervision, seq);

create table supervision_acknowledgement (
    community text not null,
    reminder uuid not null,
    at timestamptz not null,
    primary key (community, reminder),
    foreign key (community, reminder) references supervision_reminder);

-- A cache of the dues of steps that nobody has been told of yet.
create table supervision_timer (
    community text not null,
    supervision uuid not null,
    due timestamptz not null,
    primary key (community, supervision));
create index supervision_timer_due on supervision_timer (due);
insert into supervision_timer
select k.community, k.supervision, k.due from (select distinct on (community, supervision) *
    from supervision_act order by community, supervision, seq desc) as k
where k.status not in ('confirmed', 'dismissed') and k.due is not null;

grant select on supervision_reminder, supervision_acknowledgement, supervision_timer to echo_wall_daemon;
