"""The rows of an archive of media, as its files lie: COCO, a list beside them, Pascal VOC, masks, a folder a class.

The first that fits is taken, in that order, and told. Every row has `file`; others have what the layout says: `label`,
`boxes`, `mask`, and `split` where folders or file names name one.
"""

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import parse

from contracts.ingestion import Finding
from contracts.problems import Problem, echo
from training.ingest import binary
from training.ingest.media.extract import Files
from training.ingest.places import FIRST
from training.ingest.readers.table import Spool, Table, frame_of
from training.ingest.readers.values import cells
from training.ingest.split.given import KNOWN

LISTS = (".csv", ".tsv", ".jsonl", ".json")
IMAGES, MASKS = ("images", "image", "img", "imgs"), ("masks", "mask", "annotations", "labels", "segmentation")
LARGEST_JSON = 256 << 20  # bytes of annotations read at once

Row = dict[str, Any]


def read(files: Files, read_list: Callable[[str, Path], Table], spool: Spool, *, masked: bool) -> Table:
    """`read_list` reads a file as a table of text. `masked`: pictures are paired with masks.

    Raises `Problem`: `bad_annotations`, `several_files`, `unclear_layout`; and what `read_list` raises.
    """
    annotations = {name: path for name, path in files.texts.items() if PurePosixPath(name).suffix.lower() == ".xml"}
    lists = {name: path for name, path in files.texts.items() if PurePosixPath(name).suffix.lower() in LISTS}
    coco = {name: found for name, path in lists.items() if (found := _coco(name, path)) is not None}
    if coco:
        return _table(
            "COCO annotations", [row for name, found in coco.items() for row in _of_coco(name, found)], files, spool
        )
    naming = {name: path for name, path in lists.items() if _names_media(path, files)}
    if naming or (lists and not annotations):
        return _listed(naming or lists, files, read_list)
    if annotations:
        rows = [_of_voc(name, path) for name, path in annotations.items()]
        return _table("Pascal VOC annotations", rows, files, spool)
    if masked:
        return _table("pictures and masks", _of_masks(files), files, spool)
    return _table("a folder a class", _of_folders(files), files, spool)


def _split(name: str) -> Row:
    """The split that a folder or a file's name says, where one does."""
    words = [word for part in PurePosixPath(name.lower()).parts for word in (part, *re.split(r"[\W_]+", part))]
    found = next((KNOWN[word] for word in words if word in KNOWN), None)
    return {} if found is None else {"split": found}


def _coco(name: str, path: Path) -> dict[str, Any] | None:
    """The document, where it is COCO's (Lin and others 2014)."""
    if not name.endswith(".json") or path.stat().st_size > LARGEST_JSON:
        return None
    try:
        document = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return None
    known = isinstance(document, dict) and {"images", "annotations", "categories"} <= set(document)
    return document if known else None


def _of_coco(name: str, document: dict[str, Any]) -> list[Row]:
    """COCO's box is a corner, width and height; pictures without one are rows too."""
    try:
        names = {each["id"]: each["name"] for each in document["categories"]}
        rows = {each["id"]: {"file": each["file_name"], "boxes": [], **_split(name)} for each in document["images"]}
        for each in document["annotations"]:
            x, y, width, height = each["bbox"]
            rows[each["image_id"]]["boxes"].append([names[each["category_id"]], x, y, x + width, y + height])
    except (KeyError, TypeError, ValueError) as error:
        message = f"{echo(name)} is no COCO annotation: a picture, class or bbox [x, y, width, height] is missing."
        raise Problem("bad_annotations", message, param="file") from error
    return list(rows.values())


def _of_voc(name: str, path: Path) -> Row:
    """One picture's annotation (Everingham and others 2010), read without entities."""
    try:
        root: Element = parse(path).getroot()  # type: ignore[assignment]  # a parsed document has one
        boxes = [[_text(each, "name"), *_corners(each)] for each in root.findall("object")]
        return {"file": _text(root, "filename"), "boxes": boxes, **_split(name)}
    except (ParseError, DefusedXmlException, ValueError) as error:
        message = f"{echo(name)} is no Pascal VOC annotation: a filename, or an object's name or bndbox, is missing."
        raise Problem("bad_annotations", message, param="file") from error


def _corners(thing: Element) -> list[float]:
    return [float(_text(thing, f"bndbox/{corner}")) for corner in ("xmin", "ymin", "xmax", "ymax")]


def _text(element: Element, path: str) -> str:
    found = element.findtext(path)
    if found is None:
        raise ValueError(path)
    return found.strip()


def _names_media(path: Path, files: Files) -> bool:
    """Whether the beginning of a list names one of the files."""
    head = binary.head(path)
    return any(PurePosixPath(name).name.encode() in head for name in files.media)


def _listed(lists: dict[str, Path], files: Files, read_list: Callable[[str, Path], Table]) -> Table:
    if len(lists) > 1:
        names = ", ".join(map(echo, list(lists)[:FIRST]))
        message = f"The archive holds several lists: {names}. Leave the one that names the files."
        raise Problem("several_files", message, param="file")
    ((name, path),) = lists.items()
    table = read_list(name, path)
    message = f"Files and what they are come from the list {echo(name)}."
    found = Finding(code="media_layout", severity="info", message=message, count=table.rows)
    return Table(
        columns=table.columns, rows=table.rows, frame=table.frame, faults=table.faults,
        findings=(*table.findings, found), details=table.details, media=files.called,
    )  # fmt: skip


def _of_masks(files: Files) -> list[Row]:
    """A picture and the mask of the same name in another folder."""
    found: dict[str, dict[str, str]] = {}
    for name in files.media:
        path = PurePosixPath(name)
        folders = [part.lower() for part in path.parts[:-1]]
        side = (
            "mask"
            if any(part in MASKS for part in folders)
            else "file"
            if any(part in IMAGES for part in folders)
            else None
        )
        if side is not None:
            rest = "/".join(part for part in path.parts[:-1] if part.lower() not in (*IMAGES, *MASKS))
            found.setdefault(f"{rest}/{path.stem}", {})[side] = name
    rows = [{**pair, **_split(pair["file"])} for pair in found.values() if len(pair) == 2]
    if not rows:
        message = 'No picture has a mask. Put pictures into a folder "images", masks of the same names into "masks".'
        raise Problem("unclear_layout", message, param="file")
    return rows


def _of_folders(files: Files) -> list[Row]:
    """The folder next to a file is its class; one that names a split is none."""
    rows = []
    for name in files.media:
        folder = PurePosixPath(name).parent.name
        if not folder or folder.lower() in KNOWN:
            message = f"{echo(name)} lies in no folder of a class. Put each file into a folder called as its class."
            raise Problem("unclear_layout", message, param="file")
        rows.append({"file": name, "label": folder, **_split(str(PurePosixPath(name).parent.parent))})
    return rows


def _table(layout: str, rows: list[Row], files: Files, spool: Spool) -> Table:
    ordered = sorted(rows, key=lambda row: str(row["file"]))
    columns = tuple(dict.fromkeys(key for row in ordered for key in row))
    if len(ordered) > spool.limits.rows:
        ordered = ordered[: spool.limits.rows + 1]
    spool.add_frame(frame_of([cells(ordered, name) for name in columns]), position=0)
    message = f"The archive is read as {layout}: {len(ordered):,} rows."
    return Table(
        columns=columns,
        rows=spool.rows,
        frame=spool.scan(),
        faults=tuple(spool.faults(columns)),
        findings=(
            Finding(code="media_layout", severity="info", message=message, count=len(ordered)),
            *_unused(ordered, files),
        ),
        media=files.called,
    )


def _unused(rows: Iterable[Row], files: Files) -> list[Finding]:
    called = files.called
    used = {called.get(str(row[key])) for row in rows for key in ("file", "mask") if key in row}
    left = [name for name, path in files.media.items() if path not in used]
    if not left:
        return []
    names = ", ".join(map(echo, left[:FIRST]))
    message = f"{len(left):,} files of the archive are in no row: {names}."
    return [Finding(code="unused_media", severity="warning", message=message, count=len(left))]
