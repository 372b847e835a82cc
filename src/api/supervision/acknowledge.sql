-- Somebody says that a reminder was read.
select body from acknowledge(:community, :reminder, :caller)
