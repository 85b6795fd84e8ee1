"""Train, validation and test, and folds: one way a file; `cut.py` chooses among them."""
