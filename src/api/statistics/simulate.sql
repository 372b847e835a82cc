-- What the last days would have come to under another policy.
select body from simulate(:community, :days, :policy)
