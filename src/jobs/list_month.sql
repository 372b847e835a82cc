-- A list of what to solve first that is older than the last taken day is made anew.
select community, month from list_month()
