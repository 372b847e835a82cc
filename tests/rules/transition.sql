-- The table of transitions says what the page of the domain says.

-- test: what is final leads nowhere but through reopen, object, unmerge, a failed vote and a follower's withdrawal
do $$ begin
    assert (select array_agg(distinct action order by action) from transition
            where is_final(source) and target is not null) = '{object,reopen,unmerge,vote_failed,withdraw}';
end $$;

-- test: every open status may be withdrawn by its reporter
do $$ begin
    assert not exists (select from unnest('{submitted,assigned,accepted,need_info,answered,ledgered}'::text[]) status
                       where not exists (select from transition where action = 'withdraw' and source = status and 'reporter' = any(doers)));
end $$;

-- test: only the ledger and the extension are approved, and only by a supervisor
do $$ begin
    assert (select array_agg(distinct action order by action) from transition where action like 'approve%') = '{approve_extension,approve_ledger}';
    assert not exists (select from transition where action like 'approve%' and doers <> '{supervisor}');
end $$;

-- test: a department cannot close, confirm, rate or visit its own case
do $$ begin
    assert not exists (select from transition where action in ('confirm', 'rating', 'visits', 'redo', 'reopen', 'end_ledger')
                       and doers && '{officer,assistant,dispatcher}');
end $$;

-- test: neither return nor reassign nor classify nor a message meets or opens a reply
do $$ begin
    assert not exists (select from transition where action in ('return', 'classify', 'messages', 'notes', 'urge', 'urgent', 'accept', 'join', 'publish', 'hide')
                       and ('reply' = any(meets || voids || opens) or turns));
end $$;

-- test: the counting replies are answer (or its acceptance), interim, ask and reject, and a master's
do $$ begin
    assert (select array_agg(distinct action order by action) from transition where 'reply' = any(meets))
        = '{accept_reply,answer,approve_ledger,ask,interim,master_answered,master_replied,reject}';
end $$;
