-- What a community knows of its categories, unless the daemon knows it already: its lexicon and the model that proposes.
select coalesce(k.state, 0) as state, k.version, n.lexicon, n.model
from community h left join classifier k using (community)
left join lateral (
    select (select coalesce(json_agg(json_build_array(l.word, l.category, l.weight)), '[]') from lexicon l where l.community = h.community) as lexicon,
           (select encode(m.model, 'base64') from classifier_model m where m.community = h.community and m.version = k.version) as model
    where coalesce(k.state, 0)::text is distinct from :state) as n on true
where h.community = :community
