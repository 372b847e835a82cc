-- What the public may see, as views that bear the tables' names: on a connection of echo_wall_public a forgotten condition shows too little,
-- never too much. And who may call which rule.

create view published.complaint as
select community, complaint, number, coalesce(masked_title, title) as title, coalesce(masked_text, text) as text, category, building,
       coalesce(masked_place, place) as place, department, status, turn, submitted, reply_due, first_reply, answered, closed,
       publication, visibility, master, version, entry, responsibility, null::text as masked_title, null::text as masked_text
from wall.complaint where publication = 'published' and visibility = 'public';

create view published.reply as
select r.community, r.complaint, r.reply, r.kind, r.department, r.at, coalesce(r.masked, r.public_text) as public_text, null::text as masked, r.promised, r.corrects,
       r.counts or exists (select from wall.reply_acceptance a where a.community = r.community and a.complaint = r.complaint and a.reply = r.reply) as counts, r.seq
from wall.reply r join wall.complaint c using (community, complaint)
where r.public_text is not null and c.publication = 'published' and c.visibility = 'public';

create view published.complaint_text as
select t.community, t.complaint, t.submitted, t.title, t.title_steps, t.text, t.text_steps, t.codes
from wall.complaint_text t join wall.complaint c using (community, complaint)
where c.publication = 'published' and c.visibility = 'public';

create view published.drawer as select community, begins from wall.drawer;

create view published.event as
select e.community, e.complaint, e.seq,
       case when c.round_times and (e.action = 'submit' or e.actor_kind in ('reporter', 'system')) then date_trunc('hour', e.at, 'UTC') else e.at end as at,
       e.action, e.status, e.turn, e.department, c.round_times
from wall.event e join wall.complaint c using (community, complaint)
where c.publication = 'published' and c.visibility = 'public' and e.action in (select action from rules.public_action);

create view published.ledger as
select l.community, l.complaint, l.ledger, l.requested, coalesce(l.masked_plan, l.plan) as plan, coalesce(l.masked, l.public_reason) as public_reason, l.review,
       null::text as masked, null::text as masked_plan
from wall.ledger l join wall.complaint c using (community, complaint)
where c.publication = 'published' and c.visibility = 'public'
  and exists (select from wall.ledger_step s where s.community = l.community and s.complaint = l.complaint and s.ledger = l.ledger and s.kind = 'approved');

create view published.ledger_step as
select s.community, s.complaint, s.step, s.ledger, s.kind, s.at, coalesce(s.masked, s.text) as text, s.due, s.seq, null::text as masked
from wall.ledger_step s join wall.complaint c using (community, complaint) where c.publication = 'published' and c.visibility = 'public';

create view published.ledger_vote as
select v.community, v.complaint, v.ledger, v.solved
from wall.ledger_vote v join wall.complaint c using (community, complaint) where c.publication = 'published' and c.visibility = 'public';

create view published.deadline as
select d.community, d.complaint, d.kind, d.began, d.due
from wall.deadline d join wall.complaint c using (community, complaint) where c.publication = 'published' and c.visibility = 'public' and d.kind = 'vote';

create view published.notice as
select community, notice, kind, publication, version, created, published from wall.notice where publication = 'published';

create view published.notice_version as
select v.community, v.notice, v.version, v.title, v.text, v.begins, v.ends, v.at, v.published
from wall.notice_version v join wall.notice n using (community, notice) where n.publication = 'published' and v.published is not null;

create view published.notice_about as
select a.community, a.notice, a.complaint
from rules.notice_about a join wall.notice n using (community, notice) join wall.complaint c using (community, complaint)
where n.publication = 'published' and c.publication = 'published' and c.visibility = 'public';

create view published.survey as
select community, survey, title, title_en, text, text_en, questions, anonymous, results, begins, ends, closed, version
from wall.survey where begins <= rules.wall_now();

create view published.survey_subject as
select b.community, b.survey, b.kind, b.subject
from wall.survey_subject b join published.survey s using (community, survey) join wall.notice n on n.community = b.community and n.notice = b.subject
where b.kind = 'notice' and n.publication = 'published';

create view published.survey_about as
select a.community, a.survey, a.complaint
from rules.survey_about a join published.survey s using (community, survey) join wall.complaint c using (community, complaint)
where c.publication = 'published' and c.visibility = 'public';

create view published.picture as
select p.community, p.complaint, p.n, p.hash, p.media_type, p.width, p.height, p.size, p.claim
from wall.picture p join wall.complaint c using (community, complaint)
where c.publication = 'published' and c.visibility = 'public';

create view published.community as select community, name, name_en, time_zone from wall.community;
create view published.department as select community, department, code, name, name_en, active from wall.department;
create view published.category as
select community, code, name, name_en, department, visibility, simple, days, position from wall.category;
create view published.building as select community, code, name from wall.building;
create view published.policy as select * from wall.policy;
create view published.calendar_day as select * from wall.calendar_day;
create view published.clock as select instant, shift from wall.clock;
create view published.clearing as select * from wall.clearing;
create view published.bulletin as select * from wall.bulletin;
create view published.explanation as select community, day, department, at, text from wall.explanation;

grant usage on schema rules, published to echo_wall_daemon, echo_wall_public;
grant usage on schema wall to echo_wall_daemon;
grant select on all tables in schema published to echo_wall_public;
grant select on published.event, published.complaint to echo_wall_daemon;
grant select on all tables in schema rules to echo_wall_daemon, echo_wall_public;
revoke select on rules.notice_about, rules.survey_about from echo_wall_public;

-- The rules that write are the owner's; the daemon opens only their doors. Everything else it may call reads.
revoke execute on all functions in schema rules from public;
grant execute on all functions in schema rules to echo_wall_daemon;
revoke execute on function move(wall.complaint, timestamptz, text, text, uuid, jsonb, jsonb, text), keep(wall.complaint) from echo_wall_daemon;
grant execute on function wall_now(), instant(timestamptz), policy_json(jsonb, boolean, integer), json_list(text), page_of(text[], uuid[], text[], integer),
    policy_replaced_by(text, integer, timestamptz),
    public_replies_json(text, uuid, uuid), pictures_json(text, uuid), find_picture(text, bytea, caller), show_complaint(text, uuid, caller),
    show_published(text, uuid), show_events(text, uuid, caller), events_published(text, uuid),
    list_newest(text, integer, timestamptz, uuid),
    list_filtered(text, text, uuid, text, text, timestamptz, timestamptz, boolean, integer, timestamptz, uuid),
    list_oldest(text, text, uuid, text, text, timestamptz, timestamptz, boolean, integer, timestamptz, uuid),
    list_published(text, text, uuid, text, text, timestamptz, timestamptz, boolean, text, integer, timestamptz, uuid)
    to echo_wall_public;

-- The daily clearing and the figures: days and sums are everybody's, cases are not; taking a day has one door.
revoke execute on function take(text, date), settle_community(text, timestamptz), supervise(text, supervision_hit[], timestamptz, timestamptz),
    digest(text, date, timestamptz), note_department(), sweep(integer, timestamptz) from echo_wall_daemon;
grant execute on function show_clearing(text, text, caller), day_known(text, text), live_clearing(text, date, timestamptz),
    clearing_shown(text, date, boolean, timestamptz), clearing_item(wall.clearing, json, json, caller, open_case[]),
    cases_json(text, uuid, open_case[]), figures(text, date, date, text, timestamptz, caller),
    list_figure_cases(text, text, text, jsonb, caller, integer, timestamptz, uuid), responsibility_json(text, uuid)
    to echo_wall_public;

-- What is summed up changes as the facts do, by the clock's one door.
revoke execute on function add_to_sums(text, text, uuid[], timestamptz, uuid[], timestamptz), leave_out(text, uuid[], timestamptz), quiet_moment(text),
    announce(wall.counting), begin_sums(text), fill_sums(wall.counting, integer), bring_on(wall.counting), sum_up_one(text, integer) from echo_wall_daemon;

-- Bulletins are everybody's; what is proven to the holder of a receipt is read with the owner's rights.
revoke execute on function issue_bulletin(text, day_bounds) from echo_wall_daemon;
grant execute on function show_bulletin(text, text), list_bulletins(text, integer, date) to echo_wall_public;

grant execute on function list_ledger(text, text, uuid, integer, timestamptz, uuid), ledger_json(text, uuid, uuid, text, boolean), ledger_state(text, text),
    ledgers_json(text, uuid, text) to echo_wall_public;

-- Notices: editors write them through their doors; what is published is everybody's.
revoke execute on function link_notice(text, uuid, text, jsonb), link_given(text, uuid, jsonb), write_version(wall.notice, wall.notice_version, caller, timestamptz) from echo_wall_daemon;
grant execute on function is_editor(caller), list_notices(text, caller, text, text, integer, uuid), versions_json(text, uuid, boolean),
    noticed_json(text, uuid, boolean), clusters_named(text, uuid), show_notice(text, uuid, caller), notices_json(text, uuid)
    to echo_wall_public;

-- Who is known and who is forgotten has its own doors.
revoke execute on function erase_identity(text, uuid, text), erase_words(wall.complaint), erase_complaint(text, uuid),
    forget_reporter(wall.complaint, timestamptz, text), become_private(wall.complaint, timestamptz, jsonb) from echo_wall_daemon;

-- Pictures are added and looked for; whose rows go, retention and erasing decide.
revoke execute on function erase_pictures(text, uuid, uuid), rely_on_pictures(jsonb, timestamptz) from echo_wall_daemon;

-- Joining and suggestions: who asks learns what is published and how like it is; what the likeness is made of stays inside.
grant execute on function is_final(text), suggest(text, text, text, jsonb, bytea), categories_json(text, jsonb),
    similar_json(text, integer[], smallint[], text, text, bytea), alike(text, integer[], smallint[], timestamptz, integer), public_answer(text, uuid),
    suggestion_mark(uuid, date, bytea, bytea) to echo_wall_public;
revoke execute on function place_waiting(integer), forget_likeness(integer), weigh_again(integer), forget_about(wall.complaint)
    from echo_wall_daemon;

-- Who looks for words sees what the views hold; what was read of a text is filed through one door.
revoke execute on function file_text(text, uuid, timestamptz, jsonb), begin_drawer(wall.complaint) from echo_wall_daemon;
grant execute on function search(text, jsonb, search_filter, text, integer, text, uuid), search_in_order(text, sought, search_filter, boolean, integer, place),
    search_the_best(text, sought, search_filter, integer, jsonb, uuid), entries_of(text, hit[], sought), pieces_json(text, text, integer[], sought, integer),
    unturned(text),
    written_marks(text, text, integer[], text[], integer, integer), written_at(integer, integer[]), first_place(), last_place(),
    find_hits(text, sought, search_filter, place, place, uuid, boolean, integer), seen_at_desk(text, uuid, uuid), rank_of(text, text, sought),
    read_sought(jsonb), drawer_codes(text, timestamptz, integer[]), drawer_key(text, timestamptz), refuse_field(text, text, text), refuse(text, jsonb)
    to echo_wall_public;

-- The panel: draws are everybody's.
revoke execute on function note_second_visit(wall.complaint), forget_panel(text, uuid) from echo_wall_daemon;
grant execute on function list_draws(text, integer, integer) to echo_wall_public;

-- Surveys: who answered is known to the doors alone; results are read with the owner's rights and name nobody.
revoke execute on function store_answer(wall.survey, bytea, text, jsonb, timestamptz), surveyed_as(wall.survey, caller, bytea), forget_voices(text, uuid, bytea), forget_survey(),
    link_survey(text, uuid, text, jsonb), link_survey_given(text, uuid, jsonb) from echo_wall_daemon;
grant execute on function list_surveys(text, caller, text, integer, uuid), show_survey(text, uuid, caller), survey_results(text, uuid, caller),
    survey_state(timestamptz, timestamptz, timestamptz, timestamptz), is_surveyor(caller), question_json(jsonb, bigint), questions_json(jsonb),
    surveyed_notices(text, uuid), surveyed_complaints(text, uuid), surveyed_clusters(text, uuid), surveys_about(text, text, uuid) to echo_wall_public;

-- Supervision has its own doors.
revoke execute on function add_step(wall.supervision_act), set_supervision_timer(text, uuid, timestamptz), settle_supervision(wall.supervision, timestamptz),
    tell_supervision(wall.supervision, timestamptz, text, text, uuid, uuid, jsonb), remind_named(wall.supervision, wall.supervision_act, jsonb),
    note_reading(wall.complaint, timestamptz, jsonb, jsonb) from echo_wall_daemon;

-- Early warnings are noticed through one door; the list of a month is everybody's.
revoke execute on function note_burst(text, burst, timestamptz, wall.policy), tell_warning(text, unusual, wall.warning_sign, boolean),
    sum_hours(text, timestamptz, timestamptz) from echo_wall_daemon;
grant execute on function show_month(text, text) to echo_wall_public;

-- Volunteers: what is shown of them names nobody, so it is read with the owner's rights.
revoke execute on function add_volunteer(text, uuid, uuid, caller, text, boolean, timestamptz),
    act_on_claim(text, uuid, text, timestamptz, text, text, integer), expire_claim(wall.complaint, timestamptz), drop_claim(wall.complaint, timestamptz),
    forget_volunteer(text, uuid) from echo_wall_daemon;
grant execute on function list_groups(text, caller, text), thanks(text, text) to echo_wall_public;
