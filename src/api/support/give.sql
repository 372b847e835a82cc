-- Me too: somebody joins a complaint instead of filing another; who is not signed in gets a receipt for it.
select body, version
from support(:community, :complaint, :caller, :version, :suggestion, :suggestion_key, :new_id, :stranger_receipt_hash, :stranger_receipt_nonce,
             :stranger_receipt_commitment, :reading)
