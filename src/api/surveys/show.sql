-- One survey with its questions and what it is about.
select body, version from show_survey(:community, :survey, :caller)
