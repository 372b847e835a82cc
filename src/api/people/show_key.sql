-- A key, without what it opens with.
select key_json(k) as body from key k where community = :community and key = :key
