-- The community has learned: what it learned proposes from now on, unless it is worse than what did.
select version, published from have_learned(:community, :began, :report)
