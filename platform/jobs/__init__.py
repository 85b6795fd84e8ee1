"""What runs on workers: the job row (which is the queue), its lease, its child process, its events.

Knows no kind of job: training's kinds are wired to it by the workers, through `handlers`.
"""
