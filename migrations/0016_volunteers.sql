-- Volunteers: groups with a leader, approved by the working group, and the simple cases that one of them has taken up.

alter table policy
    add column claim interval not null default '48 hours',    -- the lease: until then it must be done or handed back
    add column max_claims integer not null default 2,         -- open ones of one volunteer
    add column claim_confirm interval not null default '72 hours';  -- after it the department may confirm instead of the reporter

create table volunteer_group (
    community text not null references community,
    volunteer_group uuid not null,
    name text not null,
    about text not null,
    at timestamptz not null,
    primary key (community, volunteer_group),
    constraint group_exists unique (community, name));

create table volunteer_group_act (
    community text not null,
    volunteer_group uuid not null,
    kind text not null check (kind in ('approved', 'refused', 'dissolved')),
    author uuid not null,
    at timestamptz not null,
    reason text,
    seq bigint generated always as identity,
    primary key (community, volunteer_group, seq),
    foreign key (community, volunteer_group) references volunteer_group);

-- A resident in a group, known to others by an alias alone.
create table volunteer (
    community text not null,
    volunteer uuid not null,
    volunteer_group uuid not null,
    resident uuid,                                            -- null: erased
    alias text not null,
    leader boolean not null,
    at timestamptz not null,
    primary key (community, volunteer),
    foreign key (community, volunteer_group) references volunteer_group,
    constraint already_a_volunteer unique (community, volunteer_group, resident));
create index volunteer_resident on volunteer (community, resident) where resident is not null;

create table volunteer_act (
    community text not null,
    volunteer uuid not null,
    kind text not null check (kind in ('admitted', 'parted')),
    at timestamptz not null,
    seq bigint generated always as identity,
    primary key (community, volunteer, seq),
    foreign key (community, volunteer) references volunteer);

create table claim (
    community text not null,
    complaint uuid not null,
    claim uuid not null,
    volunteer uuid not null,
    at timestamptz not null,
    due timestamptz not null,                                 -- the end of the lease
    primary key (community, claim),
    foreign key (community, complaint) references complaint,
    foreign key (community, volunteer) references volunteer);
create index claim_complaint on claim (community, complaint);
create index claim_volunteer on claim (community, volunteer, at desc, claim);

create table claim_act (
    community text not null,
    claim uuid not null,
    kind text not null check (kind in ('finished', 'handed_back', 'expired', 'dropped', 'confirmed')),
    at timestamptz not null,
    text text,
    minutes integer check (minutes between 1 and 2880),
    by text not null,                                         -- volunteer, system, reporter, officer
    seq bigint generated always as identity,
    primary key (community, claim, seq),
    foreign key (community, claim) references claim);
create index claim_act_confirmed on claim_act (community, at) where kind = 'confirmed';

alter table picture
    add column claim uuid,                                    -- whose volunteer added it; null: the reporter
    add foreign key (community, claim) references claim;

create index complaint_board on complaint (community, submitted, complaint)
    where status in ('assigned', 'accepted') and turn = 'department' and not urgent and publication = 'published' and visibility = 'public';

grant select on volunteer_group, volunteer_group_act, volunteer, volunteer_act, claim, claim_act to echo_wall_daemon;
