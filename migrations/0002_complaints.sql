-- A complaint and what is known of it. Facts are only ever inserted; what `complaint` and `timer` hold beside the text is a cache of them,
-- kept by rules.move() in the same transaction. Tables that only move() and settle() write bear no foreign keys: one writer keeps them whole.

create table complaint (
    community text not null references community,
    complaint uuid not null,
    number text not null,
    channel text not null check (channel in ('web', 'phone', 'desk', 'door', 'wechat', 'open311')),
    identity text not null check (identity in ('named', 'masked', 'anonymous')),
    alias text,                                               -- what the department calls a masked reporter
    visibility text not null check (visibility in ('public', 'private')),
    publication text not null check (publication in ('pending', 'published', 'hidden')),
    title text,
    text text not null,
    category text,
    building text,
    place text,
    latitude double precision,
    longitude double precision,
    submitted timestamptz not null,
    policy integer not null,
    -- the cache
    status text not null,
    turn text not null,
    department uuid not null,                                 -- who holds it now, the lead
    urgent boolean not null default false,
    round integer not null default 0,                         -- of `reply` deadlines
    reply_open boolean not null default true,                 -- the round is unmet
    reply_due timestamptz not null,
    overdue boolean not null default false,                   -- a reply deadline was ever breached; stays
    first_reply timestamptz,
    answered timestamptz,                                     -- the first answer of the round
    closed timestamptz,
    result text,                                              -- how it was closed: confirmed, silence, no_info
    master uuid,                                              -- the case it is merged into
    parted text,                                              -- its status before it was merged
    received timestamptz not null,                            -- when the holder got it
    asks integer not null default 0,
    interims integer not null default 0,
    returns integer not null default 0,
    redos integer not null default 0,
    reopens integer not null default 0,
    supporters integer not null default 0,
    last timestamptz not null,                                -- its last event
    hash bytea not null,                                      -- of its last event
    version integer not null default 1,
    entry text not null,                                      -- what lists show of it: finished JSON, renewed with every change
    primary key (community, complaint),
    constraint complaint_number unique (community, number),
    foreign key (community, category) references category)
    with (fillfactor = 80);
create index complaint_published on complaint (community, submitted desc, complaint desc) where publication = 'published' and visibility = 'public';
create index complaint_published_category on complaint (community, category, submitted desc, complaint desc)
    where publication = 'published' and visibility = 'public';
create index complaint_published_department on complaint (community, department, submitted desc, complaint desc)
    where publication = 'published' and visibility = 'public';
create index complaint_published_status on complaint (community, status, submitted desc, complaint desc)
    where publication = 'published' and visibility = 'public';
create index complaint_published_building on complaint (community, building, submitted desc, complaint desc)
    where publication = 'published' and visibility = 'public' and building is not null;
create index complaint_unanswered on complaint (community, department, reply_due, complaint) where turn = 'department';
create index complaint_unanswered_all on complaint (community, reply_due, complaint) where turn = 'department';
create index complaint_undispatched on complaint (community, submitted, complaint) where status = 'submitted';
create index complaint_pending on complaint (community, submitted, complaint) where publication = 'pending' and visibility = 'public';
create index complaint_merged on complaint (community, master) where master is not null;
create index complaint_submitted on complaint (community, submitted);

-- The only place with identity. A signed-in resident's anonymous complaint has no row.
create table complaint_identity (
    community text not null,
    complaint uuid not null,
    resident uuid,
    sealed bytea,                                             -- name and phone of somebody who is not signed in
    phone_hash bytea,
    primary key (community, complaint),
    foreign key (community, complaint) references complaint);
create index complaint_identity_resident on complaint_identity (community, resident, complaint) where resident is not null;

create table receipt (
    community text not null,
    hash bytea not null,
    complaint uuid not null,
    nonce bytea not null,                                     -- the `submit` event commits to sha256(nonce, receipt)
    primary key (community, hash));

-- One chain of hashes a complaint. The text and the nonce lie beside it and may be erased: the chain still verifies.
create sequence event_seq;
create table event (
    community text not null,
    complaint uuid not null,
    seq bigint not null,
    at timestamptz not null,
    action text not null,
    actor_kind text not null,                                 -- system, public, reporter, officer, dispatcher, visitor, supervisor ...
    actor uuid,                                               -- of staff; never a reporter
    status text not null,                                     -- status, turn and holder after it
    turn text not null,
    department uuid not null,
    data jsonb not null,
    content bytea,                                            -- sha256(nonce, text)
    hash bytea not null,                                      -- sha256(hash before, canonical row)
    xid xid8 not null,
    primary key (community, complaint, seq));
create index event_at on event (community, at);

create table event_text (
    community text not null,
    complaint uuid not null,
    seq bigint not null,
    nonce bytea not null,
    text text,                                                -- null where only the nonce is needed (a receipt's commitment)
    primary key (community, complaint, seq));

create table holding (
    community text not null,
    complaint uuid not null,
    seq bigint not null,                                      -- of the event that began it
    department uuid not null,
    kind text not null check (kind in ('lead', 'assist')),
    began timestamptz not null,
    primary key (community, complaint, seq));
create index holding_began on holding (community, began);

create table deadline (
    community text not null,
    complaint uuid not null,
    kind text not null,
    round integer not null,
    department uuid not null,                                 -- the holder when it began
    began timestamptz not null,
    due timestamptz not null,
    primary key (community, complaint, kind, round));
create index deadline_due on deadline (community, kind, due);

-- That a deadline was met, breached, or lost its object.
create table deadline_mark (
    community text not null,
    complaint uuid not null,
    kind text not null,
    round integer not null,
    mark text not null check (mark in ('met', 'breached', 'void')),
    at timestamptz not null,
    department uuid not null,                                 -- the holder at that moment
    primary key (community, complaint, kind, round, mark));
create index deadline_mark_at on deadline_mark (community, kind, at);

-- A cache of the open deadlines, each with the next moment at which something happens to it.
create table timer (
    community text not null,
    complaint uuid not null,
    kind text not null,
    round integer not null,
    due timestamptz not null,
    deadline timestamptz not null,
    level integer not null default 0,                         -- reminders given
    breached boolean not null default false,
    primary key (community, complaint, kind, round));
create index timer_due on timer (due, community, complaint);
create index timer_visits on timer (community, deadline, complaint) where kind = 'followup';

create table reminder (
    community text not null,
    complaint uuid not null,
    round integer not null,
    level integer not null,
    audience text not null,
    at timestamptz not null,
    primary key (community, complaint, round, level));

create table reply (
    community text not null,
    complaint uuid not null,
    reply uuid not null,
    kind text not null check (kind in ('answer', 'interim', 'ask', 'reject', 'correct', 'ledger')),
    department uuid not null,
    author uuid not null,
    round integer not null,
    at timestamptz not null,
    public_text text,
    private_text text,
    promised date,
    corrects uuid,
    counts boolean not null default true,
    seq bigint generated always as identity,                  -- the order of what happened in one moment
    primary key (community, complaint, reply),
    foreign key (community, complaint) references complaint,
    check (public_text is not null or private_text is not null));

create table message (
    community text not null,
    complaint uuid not null,
    message uuid not null,
    kind text not null,                                       -- message, or the action whose reason it is
    author_kind text not null,
    author uuid,                                              -- of staff
    at timestamptz not null,
    text text not null,
    seq bigint generated always as identity,
    primary key (community, complaint, message),
    foreign key (community, complaint) references complaint);

create table note (
    community text not null,
    complaint uuid not null,
    note uuid not null,
    author uuid not null,
    at timestamptz not null,
    text text not null,
    seq bigint generated always as identity,
    primary key (community, complaint, note),
    foreign key (community, complaint) references complaint);

create table followup (
    community text not null,
    complaint uuid not null,
    followup uuid not null,
    round integer not null,
    visitor uuid not null,
    department uuid not null,                                 -- whose answer it asks about
    at timestamptz not null,
    channel text not null check (channel in ('phone', 'door', 'message')),
    reached boolean not null,
    contacted boolean,
    solved text check (solved in ('yes', 'partly', 'no')),
    stars integer check (stars between 1 and 5),
    comment text,
    seq bigint generated always as identity,
    primary key (community, complaint, followup),
    foreign key (community, complaint) references complaint);

create table rating (
    community text not null,
    complaint uuid not null,
    round integer not null,
    department uuid not null,
    at timestamptz not null,
    stars integer not null check (stars between 1 and 5),
    solved text not null check (solved in ('yes', 'partly', 'no')),
    comment text,
    constraint already_rated primary key (community, complaint, round),
    foreign key (community, complaint) references complaint);
create index rating_at on rating (community, at);

create table ledger (
    community text not null,
    complaint uuid not null,
    ledger uuid not null,
    officer uuid not null,
    requested timestamptz not null,
    plan text not null,
    public_reason text not null,
    review date not null,
    primary key (community, complaint, ledger),
    foreign key (community, complaint) references complaint);

create table ledger_step (
    community text not null,
    complaint uuid not null,
    step uuid not null,
    ledger uuid not null,
    kind text not null check (kind in ('approved', 'milestone', 'ended')),
    author uuid,
    at timestamptz not null,
    text text,
    due date,
    primary key (community, complaint, step),
    foreign key (community, complaint, ledger) references ledger);

create table extension (
    community text not null,
    complaint uuid not null,
    extension uuid not null,
    officer uuid not null,
    at timestamptz not null,
    until date not null,
    reason text not null,
    primary key (community, complaint, extension),
    foreign key (community, complaint) references complaint);

-- What was thought of the category, by whom, and what it became.
create table classification (
    community text not null,
    complaint uuid not null,
    classification uuid not null,
    at timestamptz not null,
    by text not null,                                         -- reporter, lexicon, dispatcher
    category text not null,
    share real,
    because text[],
    primary key (community, complaint, classification));

grant select on complaint, complaint_identity, receipt, event, event_text, holding, deadline, deadline_mark, timer, reminder, reply, message, note,
    followup, rating, ledger, ledger_step, extension, classification to echo_wall_daemon;
-- Nothing here is granted for writing: the rules act() and submit() write it, with the owner's rights.
