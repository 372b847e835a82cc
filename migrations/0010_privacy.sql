-- What the public must not read, who may become more private, and for how long it is known who somebody is.

-- Texts as the public sees them, where something in them leads to a person; null: nothing to hide.
alter table complaint add column masked_title text, add column masked_text text, add column masked_place text;
alter table reply add column masked text;
alter table ledger add column masked text;
alter table ledger_step add column masked text;

-- Who asked for it is shown to others with the moments of his own acts rounded down to the hour; `submitted` and `reply_due` are kept so.
alter table complaint add column round_times boolean not null default false;
create index complaint_known on complaint (community, closed) where closed is not null and identity <> 'anonymous';
create index complaint_identity_phone on complaint_identity (community, phone_hash) where phone_hash is not null;
create index outbox_sealed_for on outbox (community, sealed_for) where sealed is not null;

alter table policy
    add column retention interval not null default '180 days',  -- after closing it is forgotten who complained
    add column reveal interval not null default '24 hours';     -- so long a revealed contact is shown

-- Who wanted to know who a reporter is, and why; and who else agreed, until when it is shown.
create table reveal (
    community text not null references community,
    reveal uuid not null,
    complaint uuid not null,
    requested timestamptz not null,
    requester uuid not null,
    reason text not null,
    primary key (community, reveal),
    foreign key (community, complaint) references complaint);
create index reveal_requester on reveal (community, requester, reveal);

create table reveal_approval (
    community text not null,
    reveal uuid not null,
    approved timestamptz not null,
    approver uuid not null,
    until timestamptz not null,
    constraint already_approved primary key (community, reveal),
    foreign key (community, reveal) references reveal);

grant select on reveal, reveal_approval to echo_wall_daemon;
