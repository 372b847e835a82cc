-- What is due to be delivered in any community, one message for each receiver, is one server's for a minute.
select * from claim_deliveries(:limit, :base)
