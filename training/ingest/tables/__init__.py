"""What is looked for in the columns of a table: one idea a file, `examine` calls them all."""
