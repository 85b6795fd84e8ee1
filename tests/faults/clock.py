"""A real clock for tests: `python -m tests.faults.clock`, with the counting kind added."""

from workers import clock


def main() -> None:
    # Models exist only now that the clock has set Django up.
    from tests.jobs.counting import HANDLERS
    from workers import wiring

    wiring.HANDLERS.update(HANDLERS)
    clock.main()


if __name__ == "__main__":
    main()
