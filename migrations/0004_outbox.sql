-- What has to be told to somebody, written in the transaction of what happened; and who did what to people's data.

create table outbox (
    community text not null references community,
    outbox bigint generated always as identity,
    at timestamptz not null,
    channel text not null,
    event text not null,
    audience text not null,                                   -- officers, dispatchers, visitors, supervisor, head, reporter, phone
    complaint uuid,
    department uuid,
    payload jsonb not null,
    sealed bytea,                                             -- what only the receiver may read
    sealed_for text,
    due timestamptz not null,                                 -- when to try, next
    tries integer not null default 0,
    sent timestamptz,
    failure text,
    primary key (community, outbox));
create index outbox_due on outbox (due) where sent is null;

create table audit (
    community text not null references community,
    audit bigint generated always as identity,
    at timestamptz not null,
    actor uuid,
    actor_kind text not null,
    action text not null,
    subject uuid,
    data jsonb not null default '{}',
    primary key (community, audit));

create table retention_run (
    community text not null references community,
    run uuid not null,
    at timestamptz not null,
    what text not null,
    subject uuid not null,
    primary key (community, run));

grant select, insert on outbox, audit to echo_wall_daemon;
grant update (due, tries, sent, failure, sealed) on outbox to echo_wall_daemon;
grant select on retention_run to echo_wall_daemon;
grant usage on all sequences in schema wall to echo_wall_daemon;
