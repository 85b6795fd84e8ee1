"""Hyperparameter search: which settings a trial has, when it is given up, what the trials together show.

Nothing is kept here between trials: each question carries the trials before it, and a study of Optuna's is rebuilt in
memory to answer it. Their rows are the only truth.
"""
