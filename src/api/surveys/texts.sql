-- What was written to one question.
select * from list_survey_texts(:community, :survey, :question, :limit, :after_id)
