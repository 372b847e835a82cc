-- A claim is finished, handed back, or confirmed.
select body, version from do_claim(:community, :claim, :caller, :action, :version, :input)
