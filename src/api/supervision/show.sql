-- A supervision case with all its steps.
select body, version from show_supervision(:community, :supervision, :caller) where body is not null
