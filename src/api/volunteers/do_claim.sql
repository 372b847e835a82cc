-- A claim is finished, handed back, or confirmed.
select body from do_claim(:community, :claim, :caller, :action, :input)
