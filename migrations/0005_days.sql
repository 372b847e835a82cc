-- What days are made of beside complaints: since when a department answers, and how many complaints each taken day brought.

-- Written by a trigger of the rules whenever a department begins to answer, or ends: a day counts those that answered at some moment of it.
create table department_change (
    community text not null,
    department uuid not null,
    at timestamptz not null,
    active boolean not null,
    primary key (community, department, at));
insert into department_change select community, department, created, active from department;

-- Submissions by the category they came in with, summed up when a day is taken, so that nobody counts all complaints to show their number.
create table submission_count (
    community text not null references community,
    day date not null,
    category text not null,                                   -- empty: none was given or found
    submitted integer not null,
    primary key (community, day, category));

create index clearing_case_complaint on clearing_case (community, complaint, day);
create index supervision_department on supervision (community, department) where department is not null;

grant select on department_change, submission_count to echo_wall_daemon;
