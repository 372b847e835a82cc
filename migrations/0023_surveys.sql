-- Short surveys on a matter: what is asked, until when, and who answered what without who that is.

create table survey (
    community text not null references community,
    survey uuid not null,
    title text not null,
    title_en text,
    text text,
    text_en text,
    questions jsonb not null,                                     -- [{kind, text, text_en, optional, options: [{text, text_en}]}], in their order
    anonymous boolean not null,                                   -- also those answer who have neither session nor receipt
    results text not null check (results in ('live', 'closed')),  -- from when everybody sees them
    begins timestamptz,                                           -- null: a draft without a date
    ends timestamptz,                                             -- null: until somebody closes it
    closed timestamptz,                                           -- before its end, by hand
    forgotten timestamptz,                                        -- since then nobody can be asked whose an answer is
    version integer not null,
    created timestamptz not null,
    primary key (community, survey));

create table survey_subject (
    community text not null,
    survey uuid not null,
    kind text not null check (kind in ('notice', 'cluster')),
    subject uuid not null,
    primary key (community, survey, kind, subject),
    foreign key (community, survey) references survey);
create index survey_subject_subject on survey_subject (community, kind, subject);

-- Each answer as it was given; the last of a voice counts. A voice is a keyed hash of the survey and of who answers: whose it is can be found only
-- with the key file, and only by going through the residents. When: the hour, so that nobody is recognised by the moment.
create table survey_answer (
    community text not null,
    survey uuid not null,
    voice bytea not null,
    seq bigint generated always as identity,
    kind text not null check (kind in ('resident', 'receipt')),  -- what the voice was known by
    at timestamptz not null,
    asked bytea not null,                                         -- hash of what was asked: verify finds what was edited afterwards
    chosen smallint[] not null,                                   -- question * 100 for each that is answered, and with the option or step added
    primary key (community, survey, voice, seq),
    foreign key (community, survey) references survey);
create index survey_answer_seq on survey_answer (community, survey, seq);

-- What was written, masked. `words` is random: the order of the list says nothing of who wrote what together.
create table survey_text (
    community text not null,
    survey uuid not null,
    question integer not null,
    words uuid not null,
    seq bigint not null,                                          -- of the answer
    text text not null,
    primary key (community, survey, question, words));
create index survey_text_seq on survey_text (community, survey, seq);

-- Who answered without session or receipt got one for this survey alone.
create table survey_receipt (
    community text not null,
    hash bytea not null,
    survey uuid not null,
    holder uuid not null,
    primary key (community, hash),
    foreign key (community, survey) references survey);

grant select on survey, survey_subject, survey_answer, survey_text, survey_receipt to echo_wall_daemon;
