"""Texts that are nearly equal: which rows belong together because one is the other with a word or a comma changed.

Two texts are nearly equal if their numbers are the same, and either letters and digits alone are, or, of texts of at
least `LONG` characters, the sets of their runs of five characters overlap by `ALIKE` (Jaccard). Numbers count because
"pay 5 euros" is no repeat of "pay 7 euros"; short texts count only by their letters because one word of theirs is much.

Candidates come from one-permutation MinHash (Li, Owen and Zhang 2012) with bands (Leskovec, Rajaraman and Ullman,
chapter 3), and each is checked exactly. Cost grows with the characters, not with pairs of rows.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from training.ingest import parallel
from training.ingest.components import Components

LONG, RUN, ALIKE = 40, 5, 0.85
SIGNATURE, BAND = 32, 4  # bins of a signature; those of a band: texts that overlap by 0.85 meet in 99 of 100 cases
MOST_ROWS, MOST_BYTES = 200_000, 50 << 20  # of rows looked at: the first ones, within seconds and some 500 MB
CROWD = 20  # texts of a band that each is compared with
SLICE = 2_000  # texts hashed at a time
SEED = np.uint64(0x9E3779B97F4A7C15)
EMPTY = np.uint64(0xFFFFFFFFFFFFFFFF)


def reach(frame: pl.DataFrame, names: Sequence[str]) -> int:
    """How many of the first rows are looked at; `names` are the columns of text."""
    sizes = frame.select(pl.sum_horizontal(pl.col(name).str.len_bytes() for name in names).cum_sum()).to_series()
    return min(MOST_ROWS, int((sizes <= MOST_BYTES).sum()))


def groups(keys: pl.Series, texts: pl.Series) -> pl.Series:
    """Of each row (its input key; of the first ones their texts, too) the least key of all that are nearly equal to it,
    itself included."""
    head = pl.DataFrame({"key": keys.head(len(texts)), "text": texts}).unique("key", keep="first", maintain_order=True)
    components, least = Components[int](), dict[int, int]()
    for one, other in (*_same_letters(head), *_alike(head.filter(pl.col("text").str.len_chars() >= LONG))):
        components.join(one, other)
    for key in components.parents:
        root = components.root(key)
        least[root] = min(least.get(root, key), key)
    near = list(components.parents)
    if not near:
        return keys
    named = [least[components.root(key)] for key in near]
    return keys.replace(pl.Series(near, dtype=pl.UInt64), pl.Series(named, dtype=pl.UInt64))


def _same_letters(head: pl.DataFrame) -> Iterator[tuple[int, int]]:
    bare = head["text"].str.normalize("NFKC").str.to_lowercase().str.replace_all(r"[^\p{L}\p{N}\p{M}]+", "")
    same = head.select("key", bare.alias("bare")).filter(pl.col("bare") != "")
    for members in same.group_by("bare").agg("key").filter(pl.col("key").list.len() > 1)["key"]:
        first, *others = members
        yield from ((other, first) for other in others)


def _alike(long: pl.DataFrame) -> Iterator[tuple[int, int]]:
    if long.height < 2:
        return
    texts, keys = long["text"].to_list(), long["key"].to_list()
    numbers = long["text"].str.extract_all(r"\d+").list.join(" ").to_list()
    signatures = np.concatenate(
        parallel.each(_signatures, (texts[at : at + SLICE] for at in range(0, len(texts), SLICE)))
    )
    seen: set[tuple[int, int]] = set()
    for start in range(0, SIGNATURE, BAND):
        buckets: dict[tuple[bytes, str], list[int]] = defaultdict(list)
        for at, band in enumerate(signatures[:, start : start + BAND]):
            buckets[band.tobytes(), numbers[at]].append(at)
        for members in buckets.values():
            for place, one in enumerate(members[:-1]):
                for other in members[place + 1 : place + 1 + CROWD]:
                    if (one, other) not in seen:
                        seen.add((one, other))
                        if overlap(texts[one], texts[other]) >= ALIKE:
                            yield keys[other], keys[one]


def overlap(one: str, other: str) -> float:
    """Jaccard's share of the runs that both have."""
    first, second = ({text[at : at + RUN] for at in range(len(text) - RUN + 1)} for text in (one, other))
    return len(first & second) / max(1, len(first | second))


def _signatures(texts: list[str]) -> NDArray[np.uint64]:
    """[texts, SIGNATURE]: of each bin the least hash of the runs that fall into it."""
    letters = np.frombuffer("".join(texts).encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    lengths = np.array([len(text) for text in texts])
    owners = np.repeat(np.arange(len(texts)), lengths)
    hashes = np.zeros(len(letters) - RUN + 1, dtype=np.uint64)
    for at in range(RUN):
        hashes = (hashes + letters[at : len(letters) - RUN + 1 + at]) * SEED
        hashes ^= hashes >> np.uint64(29)
    whole = owners[: len(hashes)] == owners[RUN - 1 :]  # runs within one text
    bins = (hashes >> np.uint64(64 - 5)).astype(np.int64)
    signatures = np.full((len(texts), SIGNATURE), EMPTY)
    np.minimum.at(signatures, (owners[: len(hashes)][whole], bins[whole]), hashes[whole])
    return signatures
