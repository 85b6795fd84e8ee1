"""How much of a text that was to be written stands in the one that was: BLEU, chrF and ROUGE-L of whole splits.

Each is kept as counts a row, that add up: a metric of any rows, resampled ones too, is a function of their sum. BLEU
(Papineni et al. 2002) is sacrebleu's (Post 2018), whose figures compare between papers; chrF (Popovic 2015) is as
sacrebleu defines it; ROUGE-L (Lin 2004) is the mean of the rows' F1 over the longest common subsequence of words.
"""

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from sacrebleu.metrics.bleu import BLEU

METRICS = ("bleu", "chrf", "rouge_l")
BLEU_ORDER, CHRF_ORDER = 4, 6
RECALL_COUNTS = 4  # beta² of chrF2: recall counts twice as much as precision
# Chinese characters and kana, which are written without spaces between words
UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002ffff]")
WORD = re.compile(rf"{UNSPACED.pattern}|(?:(?!{UNSPACED.pattern})\w)+")

Counts = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Overlap:
    """`bleu`: [rows, 10] n-grams found and written of each order, tokens written and right; `chrf`: [rows, 18] of each
    order the n-grams written, right and common, none where the right text is shorter; `rouge_l`: [rows] F1."""

    bleu: Counts
    chrf: Counts
    rouge_l: Counts

    def value(self, metric: str, rows: NDArray[np.int64] | None = None) -> float:
        """BLEU and chrF from 0 to 100, ROUGE-L from 0 to 1. `rows`: positions, one as often as it stands there."""
        counts: Counts = getattr(self, metric)
        chosen = counts if rows is None else counts[rows]
        if metric == "rouge_l":
            return float(chosen.mean())
        return _bleu(chosen.sum(0)) if metric == "bleu" else _chrf(chosen.sum(0))

    @cached_property
    def values(self) -> dict[str, float]:
        return {metric: self.value(metric) for metric in METRICS}


def measure(written: list[str], right: list[str]) -> Overlap:
    """A row a text, and the one text that is right."""
    # without spaces between words every character counts as one; else as the mteval script of WMT cuts words
    measured = BLEU(tokenize="zh" if unspaced(right) else "13a", effective_order=False)
    return Overlap(
        bleu=np.array([_bleu_counts(measured, *pair) for pair in zip(written, right, strict=True)]),
        chrf=np.array([_chrf_counts(*pair) for pair in zip(written, right, strict=True)]),
        rouge_l=np.array([_rouge_l(*pair) for pair in zip(written, right, strict=True)]),
    )


def unspaced(texts: list[str]) -> bool:
    """Whether most of the letters belong to a script that is written without spaces."""
    letters = sum(len("".join(text.split())) for text in texts)
    return 2 * sum(len(UNSPACED.findall(text)) for text in texts) > letters


def words(text: str) -> list[str]:
    """In small letters; of a script without spaces its characters."""
    return WORD.findall(text.lower())


def _bleu_counts(measured: BLEU, written: str, right: str) -> list[int]:
    found = measured.corpus_score([written], [[right]])
    return [*found.counts, *found.totals, found.sys_len, found.ref_len]


def _bleu(counts: Counts) -> float:
    whole = [int(one) for one in counts]
    found = BLEU.compute_bleu(
        correct=whole[:BLEU_ORDER], total=whole[BLEU_ORDER:-2], sys_len=whole[-2], ref_len=whole[-1],
        smooth_method="exp",
    )  # fmt: skip
    return min(100.0, float(found.score))  # rounding may go beyond


def _chrf_counts(written: str, right: str) -> list[int]:
    counts = []
    one, other = ("".join(text.split()) for text in (written, right))
    for size in range(1, CHRF_ORDER + 1):
        mine, theirs = _grams(one, size), _grams(other, size)
        counts += [mine.total() if theirs else 0, theirs.total(), (mine & theirs).total()]
    return counts


def _grams(text: str, size: int) -> Counter[str]:
    return Counter(text[start : start + size] for start in range(len(text) - size + 1))


def _chrf(counts: Counts) -> float:
    """Precision and recall are means over the orders that both sides have."""
    written, right, common = counts.reshape(CHRF_ORDER, 3).T
    known = (written > 0) & (right > 0)
    if not common[known].any():
        return 0.0
    precision = float((common[known] / written[known]).mean())
    recall = float((common[known] / right[known]).mean())
    return 100 * (1 + RECALL_COUNTS) * precision * recall / (RECALL_COUNTS * precision + recall)


def _rouge_l(written: str, right: str) -> float:
    mine, theirs = words(written), words(right)
    return 2 * _common(mine, theirs) / (len(mine) + len(theirs)) if mine and theirs else float(mine == theirs)


def _common(one: list[str], other: list[str]) -> int:
    """The length of the longest common subsequence, a row of its table in the bits of one number (Hyyrö 2004)."""
    places = dict[str, int]()
    for place, word in enumerate(one):
        places[word] = places.get(word, 0) | 1 << place
    everything = (1 << len(one)) - 1
    row = everything
    for word in other:
        met = row & places.get(word, 0)
        row = (row + met | row - met) & everything
    return len(one) - row.bit_count()
