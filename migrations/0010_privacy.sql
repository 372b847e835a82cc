-- What the public must not read, who may become more private, and for how long it is known who somebody is.

-- Texts as the public sees them, where something in them leads to a person; null: nothing to hide.
alter table complaint add column masked_title text, add column masked_text text, add column masked_place text;
alter table reply add column masked text;
alter table ledger add column masked text;
alter table ledger_step add column masked text;
