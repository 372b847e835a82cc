-- A resident wants to be forgotten.
select null::text as body from erase_resident(:community, :caller, :survey_key)
