-- What came of a survey, with how many it is of.
select body from survey_results(:community, :survey, :caller)
