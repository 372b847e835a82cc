-- The table of transitions: which action leads from where to where, who may do it, and what it does to the deadlines.
-- Anything that is not here is 409. README.md beside this file explains the columns.

create table transition (
    action text not null,
    source text not null,                        -- the status before
    target text,                                 -- the status after; null: the same
    doers text[] not null,
    official boolean not null,                   -- a counting reply of the department: sets first_reply
    turns boolean not null,                      -- brings the case back: opens a reply round where none is unmet
    meets text[] not null,                       -- kinds of deadlines it meets
    voids text[] not null,                       -- kinds that lose their object
    opens text[] not null,
    tells text,                                  -- who hears of it through the outbox
    primary key (action, source));

create function is_final(status text) returns boolean language sql immutable as $$
    select status in ('closed', 'rejected', 'merged', 'withdrawn')
$$;

insert into transition
select action, source, target, doers::text[], 'official' = any(effects), 'turns' = any(effects), meets::text[], voids::text[], opens::text[], tells
from (values
    -- action, sources, target, doers, effects, meets, voids, opens, tells
    ('assign', '{submitted}', 'assigned', '{system,dispatcher,supervisor}', '{}', '{dispatch}', '{}', '{accept}', 'officers'),
    ('accept', '{assigned}', 'accepted', '{officer}', '{}', '{accept}', '{}', '{}', null),
    ('return', '{assigned,accepted}', 'submitted', '{officer}', '{}', '{accept}', '{}', '{dispatch}', 'dispatchers'),
    ('reassign', '{assigned,accepted}', 'assigned', '{dispatcher,supervisor}', '{}', '{}', '{accept}', '{accept}', 'officers'),
    ('reassign', '{answered}', 'assigned', '{dispatcher,supervisor}', '{turns}', '{}', '{accept,lapse,followup,vote}', '{accept}', 'officers'),
    ('join', '{assigned,accepted}', null, '{dispatcher,officer}', '{}', '{}', '{}', '{}', 'officers'),
    ('ask', '{assigned,accepted}', 'need_info', '{officer}', '{official}', '{reply,accept}', '{}', '{need_info}', 'reporter'),
    ('supply', '{need_info}', 'accepted', '{reporter,dispatcher}', '{turns}', '{need_info}', '{}', '{}', 'officers'),
    ('interim', '{assigned,accepted}', 'accepted', '{officer}', '{official}', '{reply,accept}', '{}', '{promise}', 'reporter'),
    ('answer', '{submitted}', 'answered', '{dispatcher,officer}', '{official}', '{reply,dispatch,accept,resolve,promise}', '{}', '{lapse,followup}', 'reporter'),
    ('answer', '{assigned,accepted,need_info}', 'answered', '{officer}', '{official}', '{reply,dispatch,accept,resolve,promise}',
        '{need_info}', '{lapse,followup}', 'reporter'),
    ('answer', '{ledgered}', 'answered', '{officer}', '{official}', '{reply,resolve,promise}', '{ledger_review}', '{lapse,followup,vote}', 'reporter'),
    ('answer', '{answered}', null, '{officer}', '{}', '{}', '{}', '{}', 'reporter'),
    ('hold_back', '{submitted,assigned,accepted,need_info,ledgered}', null, '{system}', '{}', '{}', '{}', '{}', 'reporter'),
    ('accept_reply', '{submitted}', 'answered', '{reporter,visitor,supervisor}', '{official}', '{reply,dispatch,accept,resolve,promise}', '{}', '{lapse,followup}', 'officers'),
    ('accept_reply', '{assigned,accepted,need_info}', 'answered', '{reporter,visitor,supervisor}', '{official}', '{reply,dispatch,accept,resolve,promise}',
        '{need_info}', '{lapse,followup}', 'officers'),
    ('accept_reply', '{ledgered}', 'answered', '{reporter,visitor,supervisor}', '{official}', '{reply,resolve,promise}', '{ledger_review}', '{lapse,followup,vote}', 'officers'),
    ('correct', '{answered,closed}', null, '{officer,supervisor}', '{}', '{}', '{}', '{}', 'reporter'),
    ('confirm', '{answered}', 'closed', '{reporter,visitor}', '{}', '{lapse}', '{}', '{}', null),
    ('lapse', '{answered,need_info}', 'closed', '{system}', '{}', '{}', '{}', '{}', 'reporter'),
    ('redo', '{answered}', 'accepted', '{reporter,visitor,supervisor}', '{turns}', '{}', '{lapse,followup,vote}', '{}', 'officers'),
    ('redo', '{merged}', null, '{reporter}', '{}', '{}', '{}', '{}', null),
    ('reopen', '{closed}', 'accepted', '{reporter,supervisor}', '{turns}', '{}', '{followup,vote}', '{}', 'officers'),
    ('request_ledger', '{accepted}', null, '{officer}', '{}', '{}', '{}', '{}', 'supervisor'),
    ('approve_ledger', '{accepted}', 'ledgered', '{supervisor}', '{official}', '{reply}', '{promise}', '{ledger_review}', 'reporter'),
    ('milestones', '{ledgered}', null, '{officer}', '{}', '{}', '{}', '{}', null),
    ('end_ledger', '{ledgered}', 'accepted', '{supervisor,system}', '{turns}', '{ledger_review}', '{}', '{}', 'officers'),
    ('ledger_votes', '{answered,closed,merged}', null, '{reporter,supporter}', '{}', '{}', '{}', '{}', null),
    ('vote_passed', '{answered,closed}', null, '{system}', '{}', '{}', '{}', '{}', null),
    ('vote_failed', '{answered,closed}', 'accepted', '{system}', '{turns}', '{}', '{lapse,followup}', '{}', 'officers'),
    ('reject', '{submitted,assigned}', 'rejected', '{dispatcher,supervisor}', '{official}', '{reply,dispatch,accept}', '{}', '{}', 'reporter'),
    ('object', '{rejected}', 'submitted', '{reporter}', '{turns}', '{}', '{}', '{dispatch}', 'dispatchers'),
    ('merge', '{submitted,assigned,accepted}', 'merged', '{dispatcher,supervisor}', '{}', '{}', '{}', '{}', 'reporter'),
    ('unmerge', '{merged}', 'parted', '{dispatcher,supervisor}', '{turns}', '{}', '{}', '{}', 'officers'),
    ('withdraw', '{submitted,assigned,accepted,need_info,answered,ledgered,merged}', 'withdrawn', '{reporter}', '{}', '{}', '{}', '{}', 'officers'),
    ('pictures', '{submitted,assigned,accepted,need_info,answered,ledgered}', null, '{reporter,claimant}', '{}', '{}', '{}', '{}', null),
    ('urge', '{submitted,assigned,accepted}', null, '{reporter}', '{}', '{}', '{}', '{}', 'officers'),
    ('urgent', '{submitted,assigned,accepted,need_info,answered,ledgered}', null, '{dispatcher}', '{}', '{}', '{}', '{}', 'officers'),
    ('classify', '{submitted,assigned,accepted,need_info,answered,ledgered}', null, '{dispatcher}', '{}', '{}', '{}', '{}', null),
    ('request_extension', '{assigned,accepted}', null, '{officer}', '{}', '{}', '{}', '{}', 'supervisor'),
    ('approve_extension', '{assigned,accepted}', null, '{supervisor}', '{}', '{}', '{resolve}', '{}', null),
    ('rating', '{answered,closed,merged}', null, '{reporter,supporter}', '{}', '{}', '{}', '{}', null),  -- rate() meets `followup`
    ('support', '{submitted,assigned,accepted,need_info,answered,ledgered}', null, '{public}', '{}', '{}', '{}', '{}', null),
    ('unsupport', '{*}', null, '{supporter}', '{}', '{}', '{}', '{}', null),
    ('visits', '{answered,closed}', null, '{visitor}', '{}', '{}', '{}', '{}', null),
    ('claim', '{assigned,accepted}', null, '{volunteer}', '{}', '{}', '{}', '{claim}', 'officers'),
    ('finish_claim', '{submitted,assigned,accepted,need_info,answered,ledgered}', null, '{claimant}', '{}', '{claim}', '{}', '{}', 'reporter'),
    ('hand_back_claim', '{submitted,assigned,accepted,need_info,answered,ledgered}', null, '{claimant}', '{}', '{claim}', '{}', '{}', 'officers'),
    ('confirm_claim', '{submitted,assigned,accepted,need_info,answered,ledgered,closed}', null, '{reporter,officer}', '{}', '{}', '{}', '{}', null),
    ('expire_claim', '{submitted,assigned,accepted,need_info,answered,ledgered}', null, '{system}', '{}', '{}', '{}', '{}', 'officers'),
    ('publish', '{*}', null, '{system,dispatcher}', '{}', '{}', '{}', '{}', null),
    ('hide', '{*}', null, '{dispatcher}', '{}', '{}', '{}', '{}', 'reporter'),
    ('messages', '{*}', null, '{reporter,officer,assistant,dispatcher,visitor,supervisor}', '{}', '{}', '{}', '{}', 'other'),
    ('privacy', '{*}', null, '{reporter}', '{}', '{}', '{}', '{}', null),
    ('notes', '{*}', null, '{officer,assistant,dispatcher,visitor,supervisor}', '{}', '{}', '{}', '{}', null),
    -- what is done to its reporter's identity, see 15_privacy.sql
    ('reveal', '{*}', null, '{system}', '{}', '{}', '{}', '{}', 'reporter'),
    ('anonymise', '{*}', null, '{system}', '{}', '{}', '{}', '{}', null),
    ('erase', '{*}', null, '{system}', '{}', '{}', '{}', '{}', null),
    -- what the clock and other cases do to it
    ('breach', '{*}', null, '{system}', '{}', '{}', '{}', '{}', null),
    ('promise_broken', '{submitted,assigned,accepted}', null, '{system}', '{turns}', '{}', '{}', '{}', 'officers'),
    ('promise_broken', '{need_info,answered,ledgered}', null, '{system}', '{}', '{}', '{}', '{}', 'officers'),
    ('master_replied', '{merged}', null, '{system}', '{official}', '{reply}', '{}', '{}', 'reporter'),
    ('master_answered', '{merged}', null, '{system}', '{official}', '{reply,resolve}', '{}', '{}', 'reporter')
) as t (action, sources, target, doers, effects_text, meets, voids, opens, tells)
cross join lateral (select effects_text::text[]) as e (effects)
cross join lateral unnest(case when sources = '{*}'
    then '{submitted,assigned,accepted,need_info,answered,ledgered,closed,rejected,merged,withdrawn}'::text[]
    else sources::text[] end) as s (source);
