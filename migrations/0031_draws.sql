-- Draws of the panel are asked for before their seed is known, are of so many cases a day, and give each case one chance.

alter table policy add column drawn_a_day integer not null default 20;      -- cases that one bulletin may draw

create table panel_asked (
    community text not null references community,
    draw integer not null,                                        -- counted from 1: none can be left out
    at timestamptz not null,
    author uuid,                                                  -- a member; null: a supervisor
    first date not null,
    last date not null,
    size integer not null,
    primary key (community, draw));

-- A row of panel_draw is what came of it. Those before this version were drawn when they were asked for, and have no row in panel_asked.
alter table panel_draw add column passed_over text[] not null default '{}';  -- leaves with a smaller ticket that have no chance

grant select on panel_asked to echo_wall_daemon;

-- Who leaves the service passes on the steps that were his.
alter table supervision_act drop constraint supervision_act_action_check;
alter table supervision_act add constraint supervision_act_action_check
    check (action in ('screen', 'verify', 'order', 'feedback', 'confirm', 'dismiss', 'remind', 'overdue', 'pass_on'));
