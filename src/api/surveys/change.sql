-- A survey asks something else, as long as nobody has answered.
select body, version from change_survey(:community, :caller, :survey, :version, :input)
