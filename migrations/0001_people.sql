-- Communities and the people in them. Every key begins with the community, so that one deployment serves one or thousands.

create table community (
    community text primary key check (community ~ '^[a-z0-9_-]{1,32}$'),
    name text not null,
    name_en text not null,
    time_zone text not null,
    settled_until timestamptz not null default '-infinity',  -- the cutoff of the last day taken: nothing at or before it can still happen
    created timestamptz not null);

-- What a community has decided; a complaint keeps the version it was filed under.
create table policy (
    community text not null references community,
    version integer not null,
    begins timestamptz not null,
    reply interval not null default '24 hours',
    dispatch interval not null default '30 minutes',
    accept interval not null default '2 hours',
    return_window interval not null default '2 hours',
    max_returns integer not null default 2,
    need_info interval not null default '7 days',
    max_asks integer not null default 2,
    max_interims integer not null default 2,
    promise_days integer not null default 7,
    lapse interval not null default '7 days',                 -- the resident may react to an answer
    reopen interval not null default '30 days',
    max_reopens integer not null default 2,
    object interval not null default '7 days',
    rating interval not null default '30 days',
    urge interval not null default '24 hours',
    followup interval not null default '24 hours',
    followup_scored interval not null default '72 hours',
    night_from time not null default '22:00',                 -- a visit due in the night moves to the morning
    night_until time not null default '08:00',
    visit_from time not null default '09:00',
    quiet_from time not null default '22:00',                 -- reminders before the due moment wait
    quiet_until time not null default '07:00',
    ladder interval[] not null default '{12:00, 19:12, 24:00, 48:00}',
    ladder_to text[] not null default '{officers, officers, supervisor, head}',
    urgent_ladder interval[] not null default '{1:00, 4:00, 12:00, 24:00}',
    urgent_ladder_to text[] not null default '{officers, supervisor, head, supervisor}',
    digest interval not null default '2 hours',               -- before the cutoff
    cutoff interval not null default '24 hours',              -- the time of day at which a day ends
    grace interval not null default '4 hours',
    ledger_days integer not null default 30,
    missed_days integer not null default 3,                   -- in a row: a supervision case opens
    stuck_redos integer not null default 3,
    publication text not null default 'at_once' check (publication in ('at_once', 'after_review')),
    reviewed text[] not null default '{neighbours, staff}',   -- categories published only after review
    urgent_words text[] not null default '{燃气泄漏,煤气泄漏,着火,起火,火灾,触电,漏电,坍塌,坠落,爆炸}',  -- in a matter of safety: the emergency path
    confident real not null default 0.6,                      -- share of the best category from which a proposal routes by itself
    primary key (community, version));

create table department (
    community text not null references community,
    department uuid not null,
    code text not null check (code ~ '^[a-z0-9_-]{1,32}$'),
    name text not null,
    name_en text,
    active boolean not null default true,
    created timestamptz not null,
    primary key (community, department),
    constraint department_exists unique (community, code));

create table category (
    community text not null references community,
    code text not null,
    name text not null,
    name_en text not null,
    department uuid,
    visibility text not null default 'public' check (visibility in ('public', 'private')),
    simple boolean not null default false,                    -- volunteers may take it
    routed boolean not null default true,                     -- may go to its department without a person
    days integer not null default 15 check (days between 1 and 365),  -- working days to resolve
    position integer not null,
    primary key (community, code),
    foreign key (community, department) references department);

-- Words that speak for a category; the admin's to change.
create table lexicon (
    community text not null references community,
    word text not null,
    category text not null,
    weight integer not null check (weight between 1 and 9),
    primary key (community, word, category),
    foreign key (community, category) references category);

create table building (
    community text not null references community,
    code text not null,
    name text not null,
    constraint building_exists primary key (community, code));

-- Days that differ from Monday to Friday: holidays, and the Saturdays worked for them.
create table calendar_day (
    community text not null references community,
    day date not null,
    working boolean not null,
    name text,
    primary key (community, day));

create table staff (
    community text not null references community,
    staff uuid not null,
    login text not null,
    password text not null,                                   -- argon2id
    name text not null,
    role text not null check (role in ('officer', 'dispatcher', 'visitor', 'supervisor', 'admin')),
    department uuid,
    seat smallint check (seat in (1, 2)),                     -- an active officer sits on one of two
    active boolean not null default true,
    created timestamptz not null,
    primary key (community, staff),
    constraint login_taken unique (community, login),
    constraint officer_needs_department check (role <> 'officer' or department is not null),
    constraint officer_has_seat check ((role = 'officer' and active) = (seat is not null)),
    foreign key (community, department) references department);
create unique index too_many_officers on staff (community, department, seat) where seat is not null;

create table resident (
    community text not null references community,
    resident uuid not null,
    phone_hash bytea,
    external_id text,                                         -- as a trusted front end knows the person
    sealed bytea,                                             -- name and phone, encrypted outside the database
    building text,
    created timestamptz not null,
    primary key (community, resident),
    constraint resident_phone unique (community, phone_hash),
    constraint resident_external unique (community, external_id));

create table session (
    community text not null references community,
    hash bytea not null,
    staff uuid,
    resident uuid,
    created timestamptz not null,
    expires timestamptz not null,
    primary key (community, hash),
    check ((staff is null) <> (resident is null)),
    foreign key (community, staff) references staff,
    foreign key (community, resident) references resident on delete cascade);
create index session_staff on session (community, staff) where staff is not null;
create index session_expires on session (expires);

create table key (
    community text not null references community,
    key uuid not null,
    name text not null,
    hash bytea not null,
    scopes text[] not null,
    active boolean not null default true,
    created timestamptz not null,
    primary key (community, key),
    constraint key_hash unique (community, hash));

-- The sign-in code last sent to a phone; known by hashes alone.
create table code (
    community text not null references community,
    phone_hash bytea not null,
    hash bytea not null,
    expires timestamptz not null,
    tries integer not null default 0,
    primary key (community, phone_hash));

-- What an Idempotency-Key has made; nothing of the key or the body is kept but hashes.
create table idempotency (
    community text not null references community,
    scope bytea not null,
    body bytea not null,
    thing uuid not null,
    at timestamptz not null,
    primary key (community, scope));
create index idempotency_at on idempotency (at);

-- The time of tests: one row, looked at only by connections that were opened for it.
create table clock (
    one boolean primary key default true check (one),
    instant timestamptz,
    shift interval not null default '0');
insert into clock default values;

grant select on community, policy, department, category, lexicon, building, calendar_day, staff, resident, session, key, code, idempotency, clock
    to echo_wall_daemon;
grant insert on department, building, calendar_day, staff, resident, session, key, code, idempotency to echo_wall_daemon;
grant update on calendar_day, staff, key, code, resident, idempotency, clock to echo_wall_daemon;
grant delete on session, code, idempotency, calendar_day to echo_wall_daemon;
