-- Somebody answers, or answers otherwise than before; who is not known gets a receipt for it.
select body from answer_survey(:community, :survey, :caller, :answers, :survey_key, :stranger_receipt_hash, :reading)
