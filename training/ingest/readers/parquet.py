"""Parquet: strings as they are, numbers, dates and booleans as text, lists and structs as their JSON.

Parquet knows types, so a label 1 is a label "1" here, where JSON lines would be asked to put it in quotes. Classes that
the `datasets` library stored as numbers get back the names that it wrote into the file.
"""

import json
import subprocess
import sys

import polars as pl

from contracts.ingestion import Finding
from contracts.problems import echo
from training.ingest.archive import corrupt
from training.ingest.readers import probe
from training.ingest.readers.complaints import Complaints, refuse_nul
from training.ingest.readers.panics import told_as
from training.ingest.readers.table import NOT_TEXT, Asked, Spool, Table, header_faults
from training.ingest.upload import Upload

NO_LABEL = "-1"  # how `datasets` writes that a row has no class
STAND_INS: dict[type[pl.DataType], str] = {
    pl.List: "array",
    pl.Array: "array",
    pl.Struct: "object",
    pl.Binary: "binary",
    pl.Duration: "duration",
}


def read(upload: Upload, spool: Spool, asked: Asked) -> Table:
    """Faults: those of `header_faults` and of `spool`, `nul_not_allowed`. Raises `Problem` `corrupt_file`."""
    damaged = corrupt(upload.filename, "a Parquet file")
    with told_as(damaged, pl.exceptions.PolarsError, OSError):
        if not _decodes(upload, most=spool.limits.rows + 1):
            raise damaged
        return _read(upload, spool)


def _decodes(upload: Upload, most: int) -> bool:
    """Whether the file can be read without harm: tried first by a process that may die of it."""
    command = [sys.executable, "-I", probe.__file__, str(upload.path), str(most)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603 - our own file


def _read(upload: Upload, spool: Spool) -> Table:
    scanned = pl.scan_parquet(upload.path, glob=False, hive_partitioning=False)
    schema = scanned.collect_schema()
    names = list(schema)
    classes = _classes(upload, schema)
    texts = scanned.select(_text(at, dtype, classes.get(name, [])) for at, (name, dtype) in enumerate(schema.items()))
    readable = [str(at) for at, dtype in enumerate(schema.dtypes()) if type(dtype) not in STAND_INS]
    complaints = Complaints("row")
    faults = header_faults(names, spool.limits)
    size = upload.path.stat().st_size
    total = scanned.select(pl.len()).collect().item() if names else 0
    while not faults and not spool.full and spool.rows < total:
        batch = texts.slice(spool.rows, spool.batch_rows(len(names))).collect()
        refuse_nul(batch.select(readable), spool.rows, complaints)
        spool.add_frame(batch, position=size * (spool.rows + batch.height) // total)
    return Table(
        columns=tuple(names),
        rows=spool.rows,
        frame=spool.scan(),
        faults=(*faults, *complaints.faults(), *spool.faults(names)),
        findings=tuple(_named_classes(name, of) for name, of in classes.items()),
    )


def _text(at: int, dtype: pl.DataType, classes: list[str]) -> pl.Expr:
    """The column at a position: by its name it might be a pattern to polars."""
    column = pl.nth(at)
    if kind := STAND_INS.get(type(dtype)):
        value = pl.struct(column.alias("v")).struct.json_encode().str.slice(len('{"v":')).str.head(-1)
        opened = pl.lit(NOT_TEXT + kind)
        stand_in = pl.concat_str(opened, pl.lit(NOT_TEXT), value) if kind in ("array", "object") else opened
        text = pl.when(column.is_null()).then(pl.lit("")).otherwise(stand_in)
    else:
        text = column.cast(pl.String).fill_null("")
    if classes:
        text = text.replace({NO_LABEL: "", **{str(number): name for number, name in enumerate(classes)}})
    return text.alias(str(at))


def _classes(upload: Upload, schema: pl.Schema) -> dict[str, list[str]]:
    """Column of whole numbers -> the names of its classes, from what `datasets` wrote beside the data."""
    try:
        features = json.loads(pl.read_parquet_metadata(upload.path)["huggingface"])["info"]["features"]
        named = {name: feature["names"] for name, feature in features.items() if feature.get("_type") == "ClassLabel"}
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return {}
    return {
        name: names
        for name, names in named.items()
        if name in schema and schema[name].is_integer() and names and all(isinstance(each, str) for each in names)
    }


def _named_classes(column: str, names: list[str]) -> Finding:
    message = f"Column {echo(column)} holds numbers that the file itself names: 0 is {echo(names[0])}, and so on."
    return Finding(code="class_names", severity="info", message=message, count=len(names))
