-- A day of every department: what came, what was answered, what stayed open.
select body from show_clearing(:community, :day, :caller)
