"""The fine-tuning engine: a spec and three folders in, a sealed model folder out; messages through a pipe.

Knows torch and `contracts`; knows no Django, no queue, no object store, no tenant. Start it as a child process:
`python -m training.engine`. `run` is the job read top to bottom, `loop` its optimisation, `tasks/` one recipe a kind,
`model/` what is computed, `data/` what it is computed on, `report/` what a person reads afterwards.
"""
