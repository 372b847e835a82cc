-- A word speaks no longer for a category.
select json_build_object('word', :word::text, 'category', :category::text) as body where forget_word(:community, :caller, :word::text, :category::text)
