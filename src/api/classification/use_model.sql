-- Another of the models that are kept proposes, or the lexicon alone.
select use_model(:community, :caller, :version) as body
