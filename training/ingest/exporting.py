"""`python -m training.ingest.exporting --spec F --input DIR --work DIR --output DIR`: a version in another format.

Spec: `contracts.exporting.ExportSpec` as JSON. Lists and structs are JSON in a CSV's cell; the bytes of pictures and
sounds stay behind. In a CSV a cell that a spreadsheet would run as a formula gets an apostrophe before it, which the
spreadsheet does not show (OWASP, CSV injection); the summary counts them. JSON lines are as they are.
"""

import os
import signal
import sys
from collections.abc import Sequence

import polars as pl

from contracts.child import DONE, Done
from contracts.codec import from_json
from contracts.exporting import ExportSpec
from training.ingest.__main__ import arguments_of, interrupted
from training.ingest.voice import Voice

FORMULA = r"^[=+\-@\t\r]"  # what a cell begins with that a spreadsheet runs
NUMBER = r"^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$"  # a negative number runs nothing


def main(argv: Sequence[str] | None = None) -> int:
    arguments = arguments_of(argv, __doc__.splitlines()[0])
    spec = from_json(arguments.spec.read_bytes(), ExportSpec)
    frame = bare(pl.read_parquet(arguments.input / spec.source))
    target = arguments.output / f"data.{spec.format}"
    count = 0
    if spec.format == "csv":
        frame, count = harmless(frame)
        frame.write_csv(target)
    else:
        frame.write_ndjson(target)
    with os.fdopen(arguments.events, "wb", closefd=False) as stream:
        Voice(stream, size=frame.height).say(Done(summary={"rows": frame.height, "neutralised": count}))
    return DONE


def bare(frame: pl.DataFrame) -> pl.DataFrame:
    """Without the bytes of media."""
    return frame.with_columns(
        frame[name].struct.unnest().drop("bytes", strict=False).to_struct(name)
        for name, dtype in frame.schema.items()
        if isinstance(dtype, pl.Struct)
    )


def harmless(frame: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Every column flat, formulas neutralised; and how many were."""
    flat = frame.select(_flat(frame[name]) for name in frame.columns)
    texts = [name for name, dtype in flat.schema.items() if dtype == pl.String]
    runs = {name: flat[name].str.contains(FORMULA) & ~flat[name].str.contains(NUMBER) for name in texts}
    quoted = [
        pl.when(run.fill_null(value=False)).then("'" + flat[name]).otherwise(flat[name]).alias(name)
        for name, run in runs.items()
    ]
    return flat.with_columns(quoted), sum(int(run.sum()) for run in runs.values())


def _flat(values: pl.Series) -> pl.Series:
    if not values.dtype.is_nested():
        return values
    return pl.DataFrame({"v": values}).select(
        pl.struct("v").struct.json_encode().str.slice(len('{"v":')).str.head(-1).alias(values.name)
    )[values.name]


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, interrupted)
    sys.exit(main())
