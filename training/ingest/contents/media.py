"""Pictures, sounds and masks, by the name that a cell gives: what each is, and the digest it is kept under.

A file that cannot be used leaves its row out and is told, so that one broken picture of ten thousand costs no more than
itself; where most cannot, something else is wrong, and the data set is refused.
"""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl

from contracts.ingestion import Limits
from contracts.problems import Fault
from contracts.task import AUDIO, IMAGE, MASK
from training.ingest import parallel
from training.ingest.contents.content import Cells, Content, Values
from training.ingest.media import images, sounds
from training.ingest.media.bad import WORDS, BadMedia
from training.ingest.places import capital, numbered
from training.ingest.remarks import Remark, counted, remark

MOST_BROKEN = 0.5  # of the files
Looked = dict[str, Any] | str  # facts, or the code of what is wrong

LOOK: dict[str, tuple[Callable[[Path, Limits], Any], dict[str, pl.DataType]]] = {
    IMAGE: (images.facts, images.SCHEMA),
    MASK: (images.facts, images.SCHEMA),
    AUDIO: (sounds.facts, sounds.SCHEMA),
}


def reader(content: str) -> Callable[[Cells], Values]:
    facts, schema = LOOK[content]

    def looked_at(name: str, path: Path, limits: Limits) -> Looked:
        try:
            found = facts(path, limits)
        except BadMedia as error:
            return error.code
        return {"path": name, "sha256": sha256(path.read_bytes()).hexdigest(), **found}

    def read(cells: Cells) -> Values:
        """Struct of path, sha256 and the facts of `media.images` or `media.sounds`; null where there is no usable file.

        Faults: `missing_key`, `missing_media`, and one of `WORDS` where most files are so. Remarks: one for each of
        `WORDS` that some are.
        """
        names = cells.cells.fill_null("").str.strip_chars()
        absent = ~names.is_in(list(cells.media)) & (names != "")
        message = "{rows}: {column} names files that are not in the archive. Pack them too, or correct the names."
        faults = [*cells.missing(), *cells.fault("missing_media", absent, message)]
        known = {name: cells.media[name] for name in names.unique() if name in cells.media}
        found = parallel.each(lambda item: looked_at(*item, cells.limits), known.items())
        looked = dict(zip(known, found, strict=True))
        values = [looked.get(name, "") for name in names]
        dtype = pl.Struct({"path": pl.String, "sha256": pl.String, **schema})
        series = pl.Series([each if isinstance(each, dict) else None for each in values], dtype=dtype)
        broken = {code: cells.rows.filter(pl.Series([each == code for each in values])) for code in WORDS}
        count = sum(map(len, broken.values()))
        if count > MOST_BROKEN * len(names):
            faults.append(_broken(cells, broken, count))
        files = {each["sha256"]: known[name] for name, each in looked.items() if isinstance(each, dict)}
        remarks = [one for code, rows in broken.items() for one in _told(code, rows)]
        return Values(series=series, faults=faults, remarks=remarks, files=files)

    return read


def _broken(cells: Cells, broken: dict[str, pl.Series], count: int) -> Fault:
    code, rows = max(broken.items(), key=lambda item: len(item[1]))
    places = capital(numbered("row", rows.head(20).to_list(), len(rows)))
    message = f"{count:,} of {len(cells.rows):,} files cannot be used. {places}: {WORDS[code]}."
    return Fault(code=code, message=message, param=f"columns.{cells.role}")


def _told(code: str, rows: pl.Series) -> list[Remark]:
    words = f"{counted(len(rows), 'file is', 'files are')} {WORDS[code]}; the rows are left out."
    return remark(code, "error", words, rows)


def _key(media: pl.Expr) -> pl.Expr:
    return media.struct.field("sha256")


CONTENTS = {
    content: Content(read=reader(content), empty=lambda media: media.is_null(), key=_key)
    for content in (IMAGE, AUDIO, MASK)
}
