-- What every look at a complaint would have to make anew although it changes no more.
alter table complaint add column responsibility text;         -- whom it lay with until its first reply, finished JSON; null: made at each look
