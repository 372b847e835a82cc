-- What the last days come to under another policy.
select body from simulate(:community, :caller, :days, :policy)
