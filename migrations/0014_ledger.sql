-- Before a case is struck off the ledger, those affected say whether it is done.

alter table policy
    add column vote interval not null default '72 hours',     -- how long those affected may vote
    add column vote_share real not null default 0.5 check (vote_share between 0 and 1);  -- of the votes that must say yes

alter table ledger_step drop constraint ledger_step_kind_check;
alter table ledger_step add constraint ledger_step_kind_check check (kind in ('approved', 'milestone', 'claimed', 'struck_off', 'failed', 'ended'));
alter table ledger_step add column seq bigint generated always as identity;   -- the order of what happened in one moment
create index ledger_step_approved on ledger_step (community, at desc, step) where kind = 'approved';

alter table ledger add column masked_plan text;               -- as the public sees it; null: nothing to hide

create table ledger_vote (
    community text not null,
    complaint uuid not null,
    ledger uuid not null,
    voter uuid not null,                                      -- the complaint of a reporter, the support of a supporter: never a person
    at timestamptz not null,
    solved text not null check (solved in ('yes', 'partly', 'no')),
    constraint already_voted primary key (community, complaint, ledger, voter),
    foreign key (community, complaint, ledger) references ledger);

grant select on ledger_vote to echo_wall_daemon;
