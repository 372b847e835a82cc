-- Sign-ins that failed, counted for each member of staff in stretches of an hour: the audit tells of them by the logarithm of what was tried, so
-- that nobody can fill it.

create table failed_sign_in (
    community text not null references community,
    staff uuid,                                               -- null: of nobody with such a login
    began timestamptz not null,
    tries integer not null,
    unique nulls not distinct (community, staff),
    foreign key (community, staff) references staff);

grant select, insert, update on failed_sign_in to echo_wall_daemon;
