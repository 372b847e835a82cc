-- The complaint that a receipt opens.
select complaint from receipt where community = :community and hash = :receipt_hash
