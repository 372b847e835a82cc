-- A department chooses how it is told.
select body, location
from make_channel(:community, :caller, :new_id, :department, :input, :token_sealed, :secret_sealed, :mail_sealed, :phone_sealed,
                  :beyond_reach, :idempotency, :body_hash)
