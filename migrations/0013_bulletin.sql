-- The daily bulletin: what a day came to, said once and chained to the day before, so that nobody can say anything else later.

create table bulletin (
    community text not null references community,
    day date not null,
    content text not null,                                    -- canonical JSON (RFC 8785)
    root bytea not null,                                      -- of the Merkle tree over the cases of the day; stands in the content
    hash bytea not null,                                      -- sha256 of the content, which names the hash of the day before
    primary key (community, day));

grant select on bulletin to echo_wall_daemon;
