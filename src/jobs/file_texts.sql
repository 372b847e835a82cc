-- What was read of complaints, of any community, is filed where they are found.
select file_texts(:readings)
