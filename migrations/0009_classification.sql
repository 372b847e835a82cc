-- What a community learns of its categories from those who confirm and correct them, and the rules by which its admin sends complaints on.

-- `by`: reporter, lexicon, model or dispatcher. Of a proposal the second best is kept as well.
alter table classification add column rank smallint not null default 1, add column model integer;
create index classification_confirmed on classification (community, at, complaint) where by = 'dispatcher';

-- What proposes now. Daemons compare `state` with what they know.
create table classifier (
    community text primary key references community,
    state bigint not null default 0,                          -- rises with every change of the lexicon or of the model
    version integer,                                          -- of the model; null: the lexicon speaks alone
    learned timestamptz);                                     -- up to when what was confirmed has been learned from, whatever came of it

-- Every model that was learned, and how it did in its test: the newest confirmed complaints, which it had not seen. A model holds weights, no text.
create table classifier_model (
    community text not null references community,
    version integer not null,
    at timestamptz not null,
    lessons integer not null,                                 -- confirmed complaints there were to learn from, with those of the test
    tested integer not null,
    correct integer not null,                                 -- of them its best proposal was the confirmed one
    correct_second integer not null,                          -- ... one of its two proposals was
    correct_before integer not null,                          -- ... what proposed until then had it right
    macro_f1 real not null,
    categories jsonb not null,                                -- tested, correct and proposed of each
    published boolean not null,                               -- not worse than what proposed until then
    model bytea,                                              -- of the last three that were published
    primary key (community, version));

-- Looked at before a category's own department, in the order of their position.
create table routing_rule (
    community text not null references community,
    rule uuid not null,
    position integer not null,
    category text,                                            -- null in each of these: any
    building text,
    words text[],                                             -- one of them stands in the text; folded
    department uuid not null,
    active boolean not null default true,
    primary key (community, rule),
    foreign key (community, category) references category,
    foreign key (community, department) references department);
create index routing_rule_order on routing_rule (community, position, rule);

grant select on classifier, classifier_model, routing_rule to echo_wall_daemon;
