-- The complaint that a receipt opens, and the support it was given for; null: it is the reporter's.
select complaint, support from receipt where community = :community and hash = :receipt_hash
