-- A supporter takes it back.
select body, version from withdraw_support(:community, :complaint, :caller, :version)
