-- Somebody found the answer in what was suggested, and files nothing.
select body from answered_already(:community, :complaint, :caller, :suggestion, :suggestion_key)
