-- The community asks the residents something, now or later.
select body, version, location
from add_survey(:community, :caller, :new_id, :input::jsonb || jsonb_build_object('anonymous', :anonymous::boolean, 'results', :results::text), :idempotency,
                :body_hash)
