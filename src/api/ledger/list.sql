-- What is or was kept on the books, newest first.
select * from list_ledger(:community, :state, :department, :limit, :after_key, :after_id)
