-- Replies that say nothing are published, but do not count until somebody they were meant for accepts them.

alter table policy
    add column guard text[] not null default '{too_short,stock_phrases,undated,copied}',  -- what holds an answer back
    add column guard_length integer not null default 3;       -- letters of an answer that is not too short

-- An answer that was held back is accepted after all; it counts from then on.
create table reply_acceptance (
    community text not null,
    complaint uuid not null,
    reply uuid not null,
    at timestamptz not null,
    by text not null,                                         -- reporter, visitor, supervisor
    primary key (community, complaint, reply),
    foreign key (community, complaint, reply) references reply);

create index reply_author on reply (community, author, seq desc) where kind = 'answer';

grant select on reply_acceptance to echo_wall_daemon;
