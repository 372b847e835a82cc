-- What the database counts for those who watch it.
select name, labels, value from metrics()
