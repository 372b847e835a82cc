-- What proposes categories now, and how each model that was learned did in its test.
select classifier_json(:community) as body
