-- Somebody chooses how to be told.
select body, location
from make_channel(:community, :caller, :new_id, null, :input, :token_sealed, :secret_sealed, :mail_sealed, :phone_sealed,
                  :beyond_reach, :idempotency, :body_hash)
