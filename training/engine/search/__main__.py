"""`python -m training.engine.search`: a `contracts.search.Question` on standard input, parameters on standard output.

A process of its own, as the worker that asks is to reach neither Optuna nor numpy. Loads no torch.
"""

import sys

from contracts.codec import from_json, to_json
from contracts.search import Question
from training.engine.search.proposing import proposed


def main() -> None:
    sys.stdout.buffer.write(to_json(proposed(from_json(sys.stdin.buffer.read(), Question))))


if __name__ == "__main__":
    main()
