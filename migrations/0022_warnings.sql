-- Early warning: what comes in beyond what is usual, and what of a month is to be solved first.

alter table policy
    add column warning_stretches interval[] not null default '{06:00, 24:00, 168:00}',  -- of whole hours, up to a week: each against the same of the eight weeks before
    add column warning_from integer not null default 5,           -- different reporters
    add column warning_p real not null default 0.001,             -- that chance alone brings as many
    add column monthly_from integer not null default 2,           -- different people whom a matter concerns
    add column monthly_size integer not null default 10;          -- matters of a month

-- How many came in each hour, by category, by building and by both; empty: all of them. A cache: summed up by the clock when the hour is two days old,
-- kept for nine weeks, so that nobody counts old complaints again.
create table submission_hour (
    community text not null references community,
    hour timestamptz not null,                                    -- its beginning
    category text not null,
    building text not null,
    submitted integer not null,
    primary key (community, category, building, hour));
create index submission_hour_hour on submission_hour (community, hour);

-- The last full hour at which each community was looked at.
create table warning_look (
    community text not null references community primary key,
    hour timestamptz not null);
create index warning_look_hour on warning_look (hour, community);

-- A burst: facts, like all that was said of it. Category or building, or both; empty: all of them.
create table warning (
    community text not null references community,
    warning uuid not null,
    at timestamptz not null,                                      -- the full hour at which it was noticed
    category text not null,
    building text not null,
    primary key (community, warning),
    check (category <> '' or building <> ''));
create index warning_at on warning (community, at desc, warning desc);
create index warning_category on warning (community, category, building, at desc, warning desc);
create index warning_building on warning (community, building, at desc, warning desc);

-- What was found of it, and again when it had grown.
create table warning_sign (
    community text not null,
    warning uuid not null,
    seq integer not null,
    at timestamptz not null,
    stretch interval not null,                                    -- until then
    count integer not null,
    reporters integer not null,
    weeks integer[] not null,                                     -- in the same stretch of the eight weeks before, the last one first
    probability double precision not null,
    policy integer not null,
    complaints integer not null,                                  -- of the burst up to then
    told boolean not null,
    primary key (community, warning, seq),
    foreign key (community, warning) references warning);

create table warning_complaint (
    community text not null,
    warning uuid not null,
    complaint uuid not null,
    seq integer not null,                                         -- of the sign that it came with
    primary key (community, warning, complaint),
    foreign key (community, warning, seq) references warning_sign,
    foreign key (community, complaint) references complaint);

-- The list of a month (每月一题): made anew after each day that is taken, and for the last time when the month is over.
create table monthly (
    community text not null references community,
    month date not null,                                          -- its first day
    as_of timestamptz not null,
    final boolean not null,
    policy integer not null,
    matters jsonb not null,                                       -- numbers and ids alone: what is shown of a case is decided when it is shown
    primary key (community, month));

grant select on submission_hour, warning_look, warning, warning_sign, warning_complaint, monthly to echo_wall_daemon;
