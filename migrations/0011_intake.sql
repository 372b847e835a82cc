-- What comes in and what of it is shown: publication as an axis of its own, spam, proof of work, notices, templates of replies.

alter table policy
    drop constraint policy_publication_check,
    add constraint policy_publication_check check (publication in ('at_once', 'after_review', 'after_first_reply')),
    add column proof_of_work integer not null default 0 check (proof_of_work between 0 and 20);  -- bits, of who is not signed in; 0: none

-- The publication of a complaint, continued (it is part of the cache). What was rejected has the coded reason as its `result`.
alter table complaint
    add column pending_review boolean not null default false,     -- somebody has to look before it is published
    add column publication_since timestamptz not null default '-infinity';
update complaint c set
    pending_review = c.publication = 'pending' and c.visibility = 'public',
    publication_since = coalesce((select max(e.at) from event e where e.community = c.community and e.complaint = c.complaint and e.action in ('publish', 'hide')),
                                 c.submitted);
with reason as (
    select distinct on (e.community, e.complaint) e.community, e.complaint, e.data->>'reason' as code
    from event e join complaint c using (community, complaint) where c.status = 'rejected' and e.action = 'reject'
    order by e.community, e.complaint, e.seq desc
)
update complaint c set result = r.code, entry = replace(c.entry, '"result":null', '"result":' || to_json(r.code)::text)
from reason r where r.community = c.community and r.complaint = c.complaint and r.code is not null;
drop index complaint_pending;
create index complaint_review on complaint (community, publication_since, complaint) where pending_review;
create index complaint_hidden on complaint (community, publication_since, complaint) where publication = 'hidden';
create index complaint_spam on complaint (community, submitted) where status = 'rejected' and result = 'spam';

-- Proofs of work that were used: none counts twice. Forgotten when they hold no longer.
create table proof (
    community text not null references community,
    proof text not null,
    expires timestamptz not null,
    primary key (community, proof));
create index proof_expires on proof (expires);

-- What the community tells everybody: rules, methods, activities, minutes. A change is a new version; the old ones stay.
create table notice (
    community text not null references community,
    notice uuid not null,
    kind text not null check (kind in ('rule', 'method', 'activity', 'minutes', 'notice')),
    publication text not null check (publication in ('draft', 'published', 'withdrawn')),
    version integer not null,                                     -- the latest
    created timestamptz not null,
    published timestamptz,                                        -- when it first was
    primary key (community, notice));
create index notice_published on notice (community, notice desc) where publication = 'published';
create index notice_published_kind on notice (community, kind, notice desc) where publication = 'published';

create table notice_version (
    community text not null,
    notice uuid not null,
    version integer not null,
    title text not null,
    text text not null,
    begins timestamptz,
    ends timestamptz,
    author uuid not null,
    at timestamptz not null,
    published timestamptz,                                        -- when everybody could first read it; null: it was a draft
    primary key (community, notice, version),
    foreign key (community, notice) references notice);

-- What a notice is about.
create table notice_subject (
    community text not null,
    notice uuid not null,
    kind text not null check (kind in ('complaint', 'cluster')),
    subject uuid not null,
    primary key (community, notice, kind, subject),
    foreign key (community, notice) references notice);
create index notice_of_subject on notice_subject (community, kind, subject);

-- Texts that a department replies with again and again; without a department everybody's.
create table template (
    community text not null references community,
    template uuid not null,
    department uuid,
    title text not null,
    text text not null,
    author uuid not null,
    changed timestamptz not null,
    primary key (community, template),
    foreign key (community, department) references department);
create index template_department on template (community, department, template desc);

grant select on proof, notice, notice_version, notice_subject, template to echo_wall_daemon;
grant delete on proof to echo_wall_daemon;
grant insert, update, delete on template to echo_wall_daemon;
