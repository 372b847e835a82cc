-- Whom messages are pushed to, and what has become of each. `outbox` says what is told, in the transaction of what happened; the outbox thread
-- makes of it, and of the events, one delivery for each receiver and message.

alter table outbox
    add column resident uuid,                                 -- told in person: the channels of this one
    add column staff uuid,
    add column phone_hash bytea;                              -- of the phone in `sealed`: messages to it keep their order

-- A receiver. The community's own webhooks follow the events; those of departments and people are told what `outbox` tells them.
create table hook (
    community text not null references community,
    hook uuid not null,
    kind text not null check (kind in ('webhook', 'wecom', 'dingtalk', 'feishu', 'mail', 'sms')),
    name text not null,
    department uuid,                                          -- whose it is; none of the three: the community's own
    staff uuid,
    resident uuid,
    phone_hash bytea,                                         -- a phone told without being asked: its number stands only in what is sealed for it
    url text,                                                 -- of a webhook
    events text[],                                            -- null: all
    language text not null default 'zh' check (language in ('zh', 'en')),
    quiet_from time,                                          -- null: as the policy says
    quiet_until time,
    address bytea,                                            -- token, mail address or phone; like the secrets sealed for the hook's id
    secret bytea,
    old_secret bytea,                                         -- signs as well until then
    old_until timestamptz,
    active boolean not null default true,
    disabled timestamptz,                                     -- switched off because nothing arrived for long
    failing timestamptz,                                      -- since when nothing has arrived
    xid xid8,                                                 -- the last event read
    seq bigint,
    due timestamptz not null default 'infinity',              -- when to look for something to deliver
    leased timestamptz not null default '-infinity',          -- until then one server delivers to it
    created timestamptz not null,
    primary key (community, hook),
    foreign key (community, department) references department,
    foreign key (community, staff) references staff,
    foreign key (community, resident) references resident on delete cascade)
    with (fillfactor = 70);
create index hook_due on hook (due) where active;
create index hook_department on hook (community, department) where department is not null;
create index hook_staff on hook (community, staff) where staff is not null;
create index hook_resident on hook (community, resident) where resident is not null;
create index hook_own on hook (community, hook) where kind = 'webhook';
create unique index hook_phone on hook (community, phone_hash) where phone_hash is not null;

create table delivery (
    community text not null,
    delivery uuid not null,
    position bigint generated always as identity,             -- the order in which a receiver gets them
    hook uuid not null,
    message text not null,                                    -- the id by which the receiver tells a repeat
    event text not null,
    audience text,                                            -- null: it follows the events
    at timestamptz not null,                                  -- when it happened
    complaint uuid,
    payload json not null,
    sealed bytea,                                             -- what only the receiver may read, until it has
    sealed_for text,
    urgent boolean not null default false,
    state text not null default 'pending' check (state in ('pending', 'sent', 'dead')),
    due timestamptz not null,
    expires timestamptz not null default 'infinity',
    tries integer not null default 0,
    sent timestamptz,
    failure text,
    xid xid8,                                                 -- of an event: where it stands in the stream
    seq bigint,
    primary key (community, delivery),
    foreign key (community, hook) references hook on delete cascade)
    with (fillfactor = 80);
create index delivery_hook on delivery (community, hook, position desc);
create index delivery_pending on delivery (community, hook, position) where state = 'pending';
create index delivery_dead on delivery (community, hook) where state = 'dead';
create index delivery_personal on delivery (community, complaint) where audience in ('reporter', 'supporter');
create index delivery_at on delivery (at) where state <> 'pending';

-- What was tried, summed up, so that it only ever grows though deliveries are forgotten.
create table delivery_count (
    community text not null references community,
    kind text not null,
    result text not null check (result in ('sent', 'failed', 'dead')),
    count bigint not null,
    primary key (community, kind, result));

-- Readers follow the events in this order. Another cluster, where a dump was restored, counts its transactions anew: `base` is added to its numbers, so
-- that the stream goes on.
create index event_stream on event (community, xid, seq);
create table stream (
    one boolean primary key default true check (one),
    cluster bigint,                                           -- the system identifier of the one that counts now
    base bigint not null default 0);
insert into stream default values;
grant select on stream to echo_wall_daemon;

-- What leads from a complaint to a person is gone when the message is passed on.
grant update (sealed_for, resident, phone_hash) on outbox to echo_wall_daemon;
grant select, insert, update, delete on hook, delivery to echo_wall_daemon;
grant select, insert, update on delivery_count to echo_wall_daemon;
grant usage on all sequences in schema wall to echo_wall_daemon;
