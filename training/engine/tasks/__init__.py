"""One recipe a kind of task: what its rows must be, how its head starts, its loss, how it is judged."""
