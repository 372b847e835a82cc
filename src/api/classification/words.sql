-- The words that speak for categories.
select p.*
from (select array_agg(category || '/' || word) as keys, array_agg('00000000-0000-0000-0000-000000000000'::uuid) as ids,
             array_agg(json_build_object('word', word, 'category', category, 'weight', weight)::text) as entries
      from (select word, category, weight from lexicon
            where community = :community and category = coalesce(:category, category)
              and (category, word) > (split_part(coalesce(:after_key, '/'), '/', 1), coalesce(substr(:after_key, strpos(:after_key, '/') + 1), ''))
            order by category, word limit :limit::integer + 1) as words) as rows,
     page_of(rows.keys, rows.ids, rows.entries, :limit) as p
