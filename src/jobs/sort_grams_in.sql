-- The grams that submissions have filed a moment ago are sorted into the index that searches read.
select pages from sort_grams_in()
