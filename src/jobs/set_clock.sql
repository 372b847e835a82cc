-- What time it is in every community for those who look at the clock's table: an instant at which it stands still, or a shift of the real time.
update clock set instant = :instant::timestamptz, shift = coalesce(:shift::interval, '0') where one
