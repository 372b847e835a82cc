-- What this officer has answered last, to see whether this is one of them again.
select concat_ws(E'\n', public_text, private_text) as text
from reply where community = :community and author = :actor and kind = 'answer' and complaint <> :complaint
order by seq desc limit 50
