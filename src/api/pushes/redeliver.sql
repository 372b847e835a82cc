-- A message is delivered once more.
select redeliver(:community, :caller, :hook, :delivery) as body
