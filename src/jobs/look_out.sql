-- A community that nobody has looked at in this hour is searched for unusual bursts.
select community from look_out() as community
