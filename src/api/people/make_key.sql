-- A program gets a key with scopes; it is shown this once.
select body, location
from make_key(:community, :caller, :new_id, :name, array(select jsonb_array_elements_text(:scopes::jsonb)), :new_key_hash, :idempotency, :body_hash)
