"""A `Problem` with the HTTP status and headers it is told with. Each business fact subclasses it where it is raised."""

from collections.abc import Mapping, Sequence

from contracts.problems import Fault, Problem


class Refusal(Problem):
    """For the customer: every surface turns it into its protocol's error."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        param: str | None = None,
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code, message, param=param, faults=faults)
        self.status = status
        self.headers = dict(headers or {})


class Invalid(Refusal):
    """The body is JSON but not a request; all faults at once."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        first = faults[0]
        super().__init__(422, first.code, first.message, param=first.param, faults=faults)


def refusal_of(problem: Problem) -> Refusal:
    """Problems of the shared parsers carry no status: what cannot be read is 400."""
    if isinstance(problem, Refusal):
        return problem
    return Refusal(400, problem.code, problem.message, param=problem.param, faults=problem.faults)


def internal() -> Refusal:
    return Refusal(500, "internal_error", "Something went wrong on our side; it is recorded under the request id.")


def retry_after(seconds: float) -> dict[str, str]:
    """The header, in whole seconds between 1 and 120 (the API's promise)."""
    return {"Retry-After": str(max(1, min(120, round(seconds))))}
