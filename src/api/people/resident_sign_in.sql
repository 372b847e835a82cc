-- A resident shows the code that was sent to the phone.
select case when body is null then 'wrong_credentials' end as problem, body
from resident_sign_in(:community, :phone_hash, :code_hash, :phone_sealed, :new_id, :new_token_hash) as body
