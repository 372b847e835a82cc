-- What a receipt opens, and as whom: a complaint for its reporter (null) or for who supports it; a survey for who answers it.
select complaint as opened, support as actor from receipt where community = :community and hash = :receipt_hash
union all
select survey, holder from survey_receipt where community = :community and hash = :receipt_hash
