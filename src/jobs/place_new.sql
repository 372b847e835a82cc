-- Complaints that came in a moment ago are put among those they may be like, and linked to them, in every community.
select placed from place_new(:limit)
