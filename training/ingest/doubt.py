"""Labels that are likely wrong: confident learning (Northcutt, Jiang and Chuang 2021, section 3).

A quick model is trained on four fifths of the rows and asked about the rest, five times, so that none is asked about a
row that it saw. A class's threshold is the mean probability of its own rows for it. A row is doubted whose probability
for another class passes that class's threshold, by `MARGIN` more than for its own. What that finds, and what it finds
in vain, `tests/benchmarks/doubt.py` measures. A quick model that is wrong too often itself has no say.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from contracts.problems import echo
from training.ingest.remarks import Remark, counted

FEWEST_ROWS, FEWEST_A_CLASS, FOLDS = 200, 5, 5
COST = 2_000_000  # rows times classes at most
MARGIN = 0.5
RIGHT = 0.8  # of the rows, for the quick model to be heard
SHOWN = 3  # doubts spelled out
CJK = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]"


@dataclass(frozen=True, kw_only=True)
class Doubts:
    """`found`: row, label, suggested, margin, the greatest margin first. `accuracy`: of the quick model itself."""

    found: pl.DataFrame
    accuracy: float


def examine(rows: pl.Series, texts: pl.Series, labels: pl.Series) -> list[Remark]:
    """`likely_wrong_label`; nothing where there are too few rows for a quick model to know anything. Rows come in an
    order that does not depend on the customer's."""
    frame = pl.DataFrame({"row": rows, "text": texts, "label": labels})
    counts = frame["label"].value_counts().filter(pl.col("count") >= FEWEST_A_CLASS)
    known = frame.filter(pl.col("label").is_in(counts["label"].implode()))
    classes = known["label"].n_unique()
    if known.height < FEWEST_ROWS or classes < 2 or known.height * classes > COST:
        return []
    doubts = doubted(known)
    if not doubts.found.height or doubts.accuracy < RIGHT:
        return []
    shown = "; ".join(
        f"row {row}: {echo(label)}, or {echo(other)}?" for row, label, other, _ in doubts.found.head(SHOWN).rows()
    )
    message = (
        f"{counted(doubts.found.height, 'label is', 'labels are')} doubted by a quick model, which is itself right in "
        f"{doubts.accuracy:.0%} of the rows: {shown} Look at these rows before you change or drop any."
    )
    return [Remark(code="likely_wrong_label", severity="warning", message=message, rows=doubts.found["row"].sort())]


def doubted(frame: pl.DataFrame) -> Doubts:
    """`frame`: row, text, label, in an order that does not depend on the customer's."""
    classes, given = np.unique(frame["label"].to_numpy(), return_inverse=True)
    probabilities = _out_of_fold(frame["text"], given, len(classes))
    own = probabilities[np.arange(len(given)), given]
    thresholds = np.array([own[given == at].mean() for at in range(len(classes))])
    confident = np.where(probabilities >= thresholds, probabilities, -1.0)
    other = confident.argmax(axis=1)
    margin = confident.max(axis=1) - own
    found = pl.DataFrame({"row": frame["row"], "label": frame["label"], "suggested": classes[other], "margin": margin})
    found = found.filter(pl.Series((other != given) & (margin > MARGIN))).sort(
        "margin", "row", descending=[True, False]
    )
    return Doubts(found=found, accuracy=float((probabilities.argmax(axis=1) == given).mean()))


def _out_of_fold(texts: pl.Series, given: NDArray[np.intp], classes: int) -> NDArray[np.float64]:
    """[rows, classes]. scikit-learn is imported here: most ingestions do without its two seconds."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]
    from sklearn.linear_model import SGDClassifier  # type: ignore[import-untyped]
    from sklearn.model_selection import StratifiedKFold  # type: ignore[import-untyped]

    unspaced = texts.str.contains(CJK).sum() * 2 > len(texts)
    style = {"analyzer": "char", "ngram_range": (1, 3)} if unspaced else {"ngram_range": (1, 2)}
    features = TfidfVectorizer(sublinear_tf=True, min_df=2, **style).fit_transform(texts.to_list())
    probabilities = np.zeros((len(given), classes))
    for trained, asked in StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(features, given):
        model = SGDClassifier(loss="log_loss", alpha=1e-5, max_iter=5, tol=None, random_state=0, n_jobs=-1)
        probabilities[asked] = model.fit(features[trained], given[trained]).predict_proba(features[asked])
    return probabilities
