-- Somebody says what is wrong: stored, classified, routed, and a receipt for it, all at once.
select body, version, location
from submit(:community, :caller, :input, :new_id, :contact_sealed, :contact_phone_hash, :receipt_hash, :receipt_nonce, :receipt_commitment, :idempotency, :body_hash,
            :reading)
