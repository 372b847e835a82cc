-- A webhook, without its secrets.
select hook_json(h) as body from hook h where community = :community and hook = :hook and kind = 'webhook'
