-- Figures summed up, so that a period is read and not counted: see 11_sums.sql of the rules. Nothing here is a fact; it may be emptied and is made anew.

-- How far the figures of a community are summed up.
create table counting (
    community text not null references community primary key,
    zone text not null,                                       -- whose days they are
    until timestamptz not null,                               -- the moment that the sums are of
    ahead timestamptz not null,                               -- the moment to which they are being brought; else the same
    filled timestamptz);                                      -- made for the first time: complaints submitted by then are in; null: all are

-- Each number is what came to from the beginning of the month (of the year) to the end of its n-th day (month), so that any period is two of them.
create table counted_sum (
    community text not null,
    by_what text not null check (by_what in ('', 'department', 'category', 'building')),
    span text not null check (span in ('month', 'year')),
    begins date not null,
    key text not null,
    figure text not null,
    part text not null,
    numerators bigint[] not null,
    denominators bigint[] not null,
    primary key (community, by_what, span, begins, figure, part, key)) with (fillfactor = 60);

-- Complaints that are not in the sums, to be counted anew: something was to happen to them at a moment that the sums had passed.
create table uncounted (
    community text not null,
    complaint uuid not null,
    primary key (community, complaint));

create index complaint_held on complaint (community, department, submitted) where turn = 'department';
create index cluster_link_at on cluster_link (community, at);
create index repeat_avoided_complaint on repeat_avoided (community, complaint);

grant select on counting, counted_sum, uncounted to echo_wall_daemon;
