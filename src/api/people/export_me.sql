-- Everything that is held about the resident who asks.
select body, sealed, sealed_for, contacts from export_resident(:community, :caller, :beyond_reach, :survey_key)
