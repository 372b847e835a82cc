-- A survey ends before its time.
select body, version from close_survey(:community, :caller, :survey)
