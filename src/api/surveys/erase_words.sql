-- What the caller wrote goes, what was chosen stays.
select body from erase_own_words(:community, :survey, :caller, :survey_key) as body where body is not null
