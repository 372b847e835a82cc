-- Before an answer: who must not be named in it, as in reporters.sql, and what this officer has answered last, to see whether this is one of them again.
(select known.sealed, known.sealed_for, null as text
from complaint_identity i left join resident r using (community, resident)
cross join lateral (values (i.sealed, i.complaint::text), (r.sealed, r.resident::text)) as known (sealed, sealed_for)
where i.community = :community and known.sealed is not null
  and i.complaint in (select :complaint::uuid union all select complaint from complaint where community = :community and master = :complaint))
union all
(select null, null, concat_ws(E'\n', public_text, private_text)
from reply where community = :community and author = :actor and kind = 'answer' and complaint <> :complaint
order by seq desc limit 50)
