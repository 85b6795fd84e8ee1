"""A label or a number for a row of a table: the published ONNX file, asked as columns.json beside it says.

`docs/training.md` describes both files. A missing cell is null; a category that training never saw is one of the
others.
"""

import difflib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import cos, isfinite, nan, sin, tau
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from contracts.codec import from_json
from contracts.columns import FILE, MISSING, OTHER, VALUE, Columns
from contracts.manifest import BrokenArtifact
from contracts.prediction import Outcome, Parameters
from contracts.problems import Fault, echo
from contracts.task import TABULAR_REGRESSION, TaskSpec
from inference.runtime.ask import Cell, Input, Row
from inference.runtime.kinds.graph import Graph
from inference.runtime.kinds.scores import numbers, ranked
from inference.runtime.model import Encoded, Output
from inference.runtime.refusal import Invalid
from inference.runtime.settings import Settings

NAMES_COMPARED = 100  # of those that a row has and the model does not know
MOST_CHARACTERS = 1_000  # times those that a token may have: of all cells of a row
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - moments are told without a zone, as training read them


@dataclass(frozen=True, slots=True)
class Cells:
    """`numbers`: (numbers,) float64; `codes`: (categories,) int64."""

    numbers: NDArray[np.float64]
    codes: NDArray[np.int64]

    @property
    def tokens(self) -> int:
        return 1


class Table:
    """A `Model`."""

    max_tokens = MOST_CHARACTERS

    def __init__(self, file: Path, columns: Columns, task: TaskSpec, *, threads: int) -> None:
        self._graph, self._columns, self._task = Graph(file, threads=threads), columns, task
        self._codes = [{value: code for code, value in enumerate(one.values, OTHER + 1)} for one in columns.categories]
        self.bytes = self._graph.bytes

    def pre(self, inputs: Sequence[Input]) -> list[Cells]:
        """Raises `Invalid` naming every column that a row lacks and every cell that cannot be what its column is."""
        rows = [one.cells for one in inputs if isinstance(one, Row)]
        faults = [fault for index, row in enumerate(rows) for fault in self._lacking(row, f"inputs[{index}]")]
        found = [] if faults else [self._read(row, f"inputs[{index}]", faults) for index, row in enumerate(rows)]
        if faults:
            raise Invalid(faults)
        return found

    def core(self, batch: Sequence[Encoded]) -> Sequence[Output]:
        rows = [item for item in batch if isinstance(item, Cells)]
        both = {"numbers": np.stack([row.numbers for row in rows]), "codes": np.stack([row.codes for row in rows])}
        return list(self._graph.run({name: both[name] for name in self._graph.names}))  # [outputs] each

    def post(self, items: Sequence[Encoded], outputs: Sequence[Output], parameters: Parameters) -> Sequence[Outcome]:
        return (numbers if self._task.kind == TABULAR_REGRESSION else ranked)(outputs, self._task, parameters)

    def _lacking(self, row: dict[str, Cell], param: str) -> list[Fault]:
        faults = []
        strange = [name for name in row if name not in self._columns.used][:NAMES_COMPARED]
        for column in self._columns.used:
            if column not in row:
                near = difflib.get_close_matches(column, strange, n=1)
                hint = f"Is it what you call {echo(near[0])}?" if near else "Send null where the cell is empty."
                message = f"{param} lacks the column {echo(column)}. {hint}"
                faults.append(Fault(code="missing_column", message=message, param=param))
        return faults

    def _read(self, row: dict[str, Cell], param: str, faults: list[Fault]) -> Cells:
        found = list[float]()
        for one in self._columns.numbers:
            try:
                found.append(_number(row[one.column], one.part))
            except ValueError:
                wanted = "a number" if one.part == VALUE else "a date such as 2026-11-29 or 2026-11-29T10:30:00"
                message = f"The cell {echo(one.column)} of {param} must be {wanted}, or null."
                if not faults or faults[-1].message != message:  # one for all parts of a date
                    faults.append(Fault(code="wrong_type", message=message, param=f"{param}.{one.column}"[:100]))
        codes = [
            MISSING if (cell := row[one.column]) is None else known.get(_text(cell), OTHER)
            for one, known in zip(self._columns.categories, self._codes, strict=True)
        ]
        return Cells(np.array(found, dtype=np.float64), np.array(codes, dtype=np.int64))


def load(folder: Path, task: TaskSpec, settings: Settings) -> Table:
    columns = from_json((folder / FILE).read_bytes(), Columns)
    for one in columns.numbers:
        if one.part != VALUE and one.part not in PARTS:
            raise BrokenArtifact(f"columns.json names the part {one.part}")
    return Table(folder / "model.onnx", columns, task, threads=settings.engine_threads)


def _number(cell: Cell, part: str) -> float:
    """NaN where empty. Raises `ValueError`."""
    if cell is None or cell == "":
        return nan
    if part == VALUE:
        value = float(cell)
        return value if isfinite(value) else nan
    moment = datetime.fromisoformat(str(cell))
    return PARTS[part](moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment)


def _text(cell: Cell) -> str:
    """As a column of texts would hold it."""
    return cell if isinstance(cell, str) else json.dumps(cell)


def _day(moment: datetime) -> float:
    """The share of the day gone by."""
    return (moment.hour * 3600 + moment.minute * 60 + moment.second) / 86_400


CIRCLES: dict[str, Callable[[datetime], float]] = {
    "year": lambda moment: (moment.timetuple().tm_yday - 1 + _day(moment)) / 366,
    "week": lambda moment: (moment.weekday() + _day(moment)) / 7,
    "day": _day,
}


def _on(circle: str, function: Callable[[float], float]) -> Callable[[datetime], float]:
    return lambda moment: function(tau * CIRCLES[circle](moment))


PARTS: dict[str, Callable[[datetime], float]] = {
    "days": lambda moment: (moment - EPOCH).total_seconds() / 86_400,
    **{
        f"{circle}_{name}": _on(circle, function)
        for circle in CIRCLES
        for name, function in (("sin", sin), ("cos", cos))
    },
}
