-- The community tells everybody something, or prepares to.
select body, version, location from add_notice(:community, :caller, :new_id, :input::jsonb || jsonb_build_object('publication', :publication::text), :idempotency, :body_hash)
