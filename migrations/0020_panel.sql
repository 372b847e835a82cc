-- Residents take part: a panel that looks over the working group's shoulder, comments, and has closed cases visited a second time.

create table panel_member (
    community text not null references community,
    member uuid not null,
    resident uuid,                                                -- null: erased
    alias text not null,                                          -- what others know the member by
    at timestamptz not null,
    primary key (community, member),
    constraint already_of_the_panel unique (community, resident));

create table panel_act (
    community text not null,
    member uuid not null,
    seq bigint generated always as identity,
    kind text not null check (kind in ('admitted', 'parted')),
    author uuid,                                                  -- null: the member
    at timestamptz not null,
    primary key (community, member, seq),
    foreign key (community, member) references panel_member);

-- On a complaint, or on a list as a whole.
create table panel_comment (
    community text not null,
    comment uuid not null,
    member uuid not null,
    complaint uuid,
    list text,
    text text not null,                                           -- as others may read it
    at timestamptz not null,
    primary key (community, comment),
    foreign key (community, member) references panel_member,
    check ((complaint is null) <> (list is null)));
create index panel_comment_at on panel_comment (community, at desc, comment desc);

-- A random sample of closed cases, which anybody can draw again from the bulletins.
create table panel_draw (
    community text not null references community,
    draw integer not null,                                        -- counted from 1: none can be left out
    at timestamptz not null,
    author uuid,                                                  -- a member; null: a supervisor
    day date not null,                                            -- of the newest bulletin, whose hash is the seed
    seed bytea not null,
    first date not null,
    last date not null,
    size integer not null,
    population integer not null,                                  -- leaves of closed cases in those bulletins
    leaves text[] not null,                                       -- that were drawn, in the order of the draw
    primary key (community, draw));

create table panel_case (
    community text not null,
    draw integer not null,
    complaint uuid not null,
    due timestamptz not null,
    primary key (community, draw, complaint),
    foreign key (community, draw) references panel_draw,
    foreign key (community, complaint) references complaint);
create index panel_case_due on panel_case (community, due, complaint);
create index panel_case_complaint on panel_case (community, complaint);

-- The second visit.
create table panel_visit (
    community text not null,
    draw integer not null,
    complaint uuid not null,
    followup uuid not null,
    primary key (community, draw, complaint, followup),
    foreign key (community, draw, complaint) references panel_case);

grant select on panel_member, panel_act, panel_comment, panel_draw, panel_case, panel_visit to echo_wall_daemon;
