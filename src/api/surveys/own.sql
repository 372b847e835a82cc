-- What the caller has answered.
select body from own_answer(:community, :survey, :caller, :survey_key)
