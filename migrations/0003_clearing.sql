-- The daily clearing: what each department still owed at the end of each day, and what follows from it.

create table clearing (
    community text not null references community,
    day date not null,
    department uuid not null,
    began timestamptz not null,                               -- the cutoff of the day before
    grace timestamptz not null,
    cutoff timestamptz not null,
    zone text not null,
    policy integer not null,
    received integer not null,
    answered integer not null,
    open integer not null,
    late_arrivals integer not null,
    cleared boolean not null,
    strictly_cleared boolean not null,
    idle boolean not null,
    primary key (community, day, department));
create index clearing_department on clearing (community, department, day);

create table clearing_case (
    community text not null,
    day date not null,
    department uuid not null,                                 -- the one responsible
    complaint uuid not null,
    holder uuid not null,                                     -- the lead at the cutoff
    late_arrival boolean not null,
    reply_due timestamptz not null,
    primary key (community, day, department, complaint),
    foreign key (community, day, department) references clearing);

create table explanation (
    community text not null,
    day date not null,
    department uuid not null,
    staff uuid not null,
    at timestamptz not null,
    text text not null,
    constraint already_explained primary key (community, day, department),
    foreign key (community, day, department) references clearing);

create table digest (
    community text not null references community,
    day date not null,
    primary key (community, day));

create table supervision (
    community text not null references community,
    supervision uuid not null,
    subject text not null check (subject in ('complaint', 'department')),
    complaint uuid,
    department uuid,
    rule text not null,                                       -- missed_days, two_cutoffs, or by hand
    text text not null,
    opened timestamptz not null,
    due timestamptz not null,
    primary key (community, supervision));
create index supervision_opened on supervision (community, opened desc, supervision desc);
create index supervision_complaint on supervision (community, complaint) where complaint is not null;

-- Each step of a supervision case, dated, with who is next and until when; its status is that of the last.
create table supervision_act (
    community text not null,
    supervision uuid not null,
    seq integer not null,
    status text not null check (status in ('screened', 'verifying', 'rectifying', 'confirmed', 'dismissed')),
    at timestamptz not null,
    author uuid,
    owner uuid,
    due timestamptz,
    text text,
    primary key (community, supervision, seq),
    foreign key (community, supervision) references supervision);

grant select on clearing, clearing_case, explanation, digest, supervision, supervision_act to echo_wall_daemon;
grant insert on explanation, supervision, supervision_act to echo_wall_daemon;
