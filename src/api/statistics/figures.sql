-- How well complaints are answered, in figures that nobody can polish.
select body from figures(:community, :from, :to, :by, :as_of, :caller)
