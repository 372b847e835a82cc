-- A second person agrees that it may be known who a reporter is.
select approve_reveal(:community, :caller, :reveal) as body
