-- Pictures of complaints. What they are lies in the store under the hash of its bytes; here is which complaint has which.

create table picture (
    community text not null,
    complaint uuid not null,
    n integer not null check (n between 1 and 9),
    hash bytea not null check (length(hash) = 32),            -- SHA-256 of the bytes that are kept, and their name in the store
    source bytea not null,                                    -- keyed hash of the bytes that were sent: tells a repeat, and nobody else
    media_type text not null,
    width integer not null,
    height integer not null,
    size integer not null,                                    -- bytes
    at timestamptz not null,
    primary key (community, complaint, n),
    foreign key (community, complaint) references complaint);
create index picture_hash on picture (hash, community, complaint);

-- What the sweep takes out of the store: while it does so, nobody may come to rely on it. Real time, as is that of the store.
create table picture_leaving (
    hash bytea primary key,
    ended timestamptz);                                       -- null: it is being removed

grant select on picture, picture_leaving to echo_wall_daemon;
-- Nothing here is granted for writing: add_pictures(), leave_pictures(), pictures_left() and erase_pictures() write it, with the owner's rights.
