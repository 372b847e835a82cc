-- What the database counts of every community for those who watch it.
select name, labels, value from metrics()
