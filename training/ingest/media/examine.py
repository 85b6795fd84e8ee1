"""What is remarked on pictures, boxes and sounds, from what was measured of each."""

from collections import defaultdict
from itertools import combinations, pairwise

import polars as pl

from contracts.problems import echo
from training.ingest.remarks import Remark, counted, remark

NEAR = 4  # of the 64 bits of a look may differ in pictures that are the same, scaled or saved again
BANDS = 5  # one more than that: two such looks agree in at least one whole band
PLAIN = (0, -1)  # looks of one colour: equal among all such pictures, whatever they are of
CROWD = 100  # pictures of one band compared with each other; of a larger crowd, neighbours in the list
SHORTCUT = 0.5  # of the errors of always naming the commonest class, saved by a property that has nothing to do with it
SILENT, CLIPPED = -60.0, 0.001  # decibels; share of the samples


def images(rows: pl.Series, looks: pl.Series, classes: pl.Series | None) -> list[Remark]:
    """`looks`: structs of `media.images.SCHEMA` and sha256; `classes`: of each row its stratum, where it has one."""
    facts = looks.struct.unnest()
    modes = facts.filter(pl.col("mode") != "RGB").height
    remarks = [*_near(rows, facts), *_shortcuts(facts, classes)]
    if modes:
        names = ", ".join(facts["mode"].value_counts(sort=True)["mode"].head(5))
        none = pl.Series(dtype=pl.Int64)
        message = (
            f"Modes of the pictures: {names}. They are made RGB when they are trained on; 16 bits are scaled to 8."
        )
        remarks.append(Remark(code="image_modes", severity="info", message=message, rows=none, count=modes))
    turned = rows.filter(~facts["upright"])
    message = (
        f"{counted(len(turned), 'picture is', 'pictures are')} stored lying; EXIF says how they are turned upright."
    )
    return [*remarks, *remark("turned_image", "info", message, turned)]


def _near(rows: pl.Series, facts: pl.DataFrame) -> list[Remark]:
    """Pictures that look alike and are not the same file."""
    bands: dict[tuple[int, int], list[int]] = defaultdict(list)
    looks, digests = facts["look"].to_list(), facts["sha256"].to_list()
    for at, look in enumerate(looks):
        if look not in PLAIN:
            width = -(-64 // BANDS)
            for band in range(BANDS):
                bands[band, (look >> (band * width)) & ((1 << width) - 1)].append(at)
    found: set[int] = set()
    for members in bands.values():
        pairs = combinations(members, 2) if len(members) <= CROWD else pairwise(members)
        for one, other in pairs:
            apart = ((looks[one] ^ looks[other]) & (2**64 - 1)).bit_count()
            if digests[one] != digests[other] and apart <= NEAR:
                found.add(max(one, other))
    near = rows.gather(sorted(found))
    message = (
        f"{counted(len(near), 'picture looks', 'pictures look')} almost like an earlier one: scaled, or saved again."
    )
    return remark("near_duplicate_image", "warning", message, near, fix="drop_rows")


def _shortcuts(facts: pl.DataFrame, classes: pl.Series | None) -> list[Remark]:
    """A property of the file that tells the class: a model would learn the camera, not the thing.

    Each row is told by the commonest class of the other rows with the same property, so that a property that every
    picture has for itself tells nothing.
    """
    if classes is None or classes.n_unique() < 2:
        return []
    majority = float(classes.value_counts()["count"].max()) / len(classes)  # type: ignore[arg-type]
    size = pl.concat_str(pl.col("width").cast(str), pl.lit("x"), pl.col("height").cast(str))
    remarks = []
    none = pl.Series(dtype=pl.Int64)
    for name, values in (
        ("size", facts.select(size).to_series()),
        ("mode", facts["mode"]),
        ("format", facts["format"]),
    ):
        told = _told_by(values, classes)
        if told > majority + SHORTCUT * (1 - majority):
            message = (
                f"The {name} of a picture alone tells its class in {told:.0%} of the rows (always naming the "
                f"commonest: {majority:.0%}). A model would learn that instead. Bring all classes to the same {name}."
            )
            remarks.append(Remark(code="shortcut", severity="warning", message=message, rows=none, count=len(classes)))
    return remarks


def _told_by(values: pl.Series, classes: pl.Series) -> float:
    pairs = pl.DataFrame({"value": values, "class": classes}).group_by("value", "class").len("rows")
    best = pairs.sort("rows", "class", descending=True)
    first = best.group_by("value", maintain_order=True).agg(
        pl.col("rows").first(), pl.col("rows").get(1, null_on_oob=True).fill_null(0).alias("next")
    )
    right = first.select(pl.when(pl.col("rows") - 1 > pl.col("next")).then("rows").otherwise(0).sum()).item()
    return float(right) / len(classes)


def boxes(rows: pl.Series, found: pl.Series, looks: pl.Series) -> list[Remark]:
    """`found`: `contents.boxes`; `looks`: the pictures they lie in."""
    size = looks.struct.unnest().select("width", "height")
    each = pl.DataFrame({"row": rows, "box": found}).hstack(size).explode("box").drop_nulls("box").unnest("box")
    flat = (pl.col("xmax") <= pl.col("xmin")) | (pl.col("ymax") <= pl.col("ymin"))
    outside = (
        (pl.min_horizontal("xmin", "ymin") < -1)
        | (pl.col("xmax") > pl.col("width") + 1)
        | (pl.col("ymax") > pl.col("height") + 1)
    )
    again = ~pl.struct("row", "label", "xmin", "ymin", "xmax", "ymax").is_first_distinct()
    kinds = (
        ("degenerate_box", "error", flat, "a box without any area"),
        ("box_outside", "warning", outside & ~flat, "a box that reaches beyond the picture"),
        ("duplicate_box", "info", again, "the same box twice"),
    )
    remarks = []
    for code, severity, which, words in kinds:
        where = each.filter(which)["row"].unique(maintain_order=True)
        remarks += remark(code, severity, f"{counted(len(where), 'picture has', 'pictures have')} {words}.", where)
    return remarks


def sounds(rows: pl.Series, heard: pl.Series) -> list[Remark]:
    """`heard`: structs of `media.sounds.SCHEMA`."""
    facts = heard.struct.unnest()
    silent, clipped = rows.filter(facts["level"] < SILENT), rows.filter(facts["clipped"] > CLIPPED)
    message = f"{counted(len(silent), 'sound is', 'sounds are')} silent (below {SILENT:.0f} dB)."
    remarks = remark("silence", "warning", message, silent, fix="drop_rows")
    message = f"{counted(len(clipped), 'sound is', 'sounds are')} clipped: loud parts are cut off flat."
    remarks += remark("clipping", "info", message, clipped)
    rates = facts["rate"].value_counts(sort=True)["rate"].to_list()
    if len(rates) > 1:
        others = rows.filter(facts["rate"] != rates[0])
        names = ", ".join(echo(f"{rate} Hz") for rate in rates[:5])
        message = (
            f"Sample rates differ: {names}. They are brought to one when they are trained on; if a class has its own, "
            "a model hears that."
        )
        remarks += remark("sample_rates", "warning", message, others)
    return remarks
