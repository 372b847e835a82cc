-- In every community a batch of what complaints were about is forgotten when it is too old, or weighed anew when there are many more.
select tidied from tidy_likeness(:limit)
