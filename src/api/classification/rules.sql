-- By which rules complaints go on by themselves, in the order in which they are looked at.
select p.*
from (select array_agg(position::text) as keys, array_agg(rule) as ids, array_agg(rule_json(r)::text) as entries
      from (select * from routing_rule
            where community = :community
              and (position, rule) > (coalesce(:after_key::integer, -1), coalesce(:after_id::uuid, '00000000-0000-0000-0000-000000000000'))
            order by position, rule limit :limit::integer + 1) as r) as rows,
     page_of(rows.keys, rows.ids, rows.entries, :limit) as p
