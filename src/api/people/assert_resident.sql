-- A trusted front end vouches for its signed-in resident.
select body from assert_resident(:community, :resident, :resident_phone_hash, :resident_sealed, :new_id, :new_token_hash) as body
