-- A program gets a key with scopes; it is shown this once.
with made as (
    insert into key (community, key, name, hash, scopes, created)
    values (:community, :new_id, :name, :new_key_hash, array(select jsonb_array_elements_text(:scopes::jsonb)), wall_now())
    returning *
)
select json_build_object('id', key, 'name', name, 'scopes', scopes, 'created', instant(created)) as body, '/v1/keys/' || key as location from made
