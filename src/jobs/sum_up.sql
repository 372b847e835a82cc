-- Figures are summed up as far as they are settled: the first step that some community needs.
select community from sum_up(20000) where community is not null
