"""People and rows that tests begin with."""
