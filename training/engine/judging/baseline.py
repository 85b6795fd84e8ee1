"""What a few seconds without a neural network reach: one answer for all, and a linear model over what can be counted.

Trained on the same rows and judged on the same test rows, so that a report can say whether fine-tuning paid.
scikit-learn is imported where it is used: a second and a half that a refused job need not wait; it ships no types.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

WORD = r"\w+|[^\w\s]"  # single letters and signs too: a text may be a grade, an emoji, one Chinese character
MAX_FEATURES = 200_000  # word pairs of a large data set; keeps 1,000 classes within a gigabyte and a half

Texts = tuple[list[str], ...]  # one list, or two of the same length for pairs


@dataclass(frozen=True, kw_only=True)
class Baselines:
    """Answers to the test rows in the form of the kind's own: `best` those of `name`, `constant` the same for all.
    `shares`: [rows, classes] the probabilities behind `best`, where there are some."""

    name: str
    best: Any
    constant: Any
    shares: Any = None


def classes(train: Texts, truth: NDArray[np.int64], test: Texts, *, seed: int) -> Baselines:
    """`truth` and answers: [rows] class indices."""
    from sklearn.svm import LinearSVC  # type: ignore[import-untyped]

    shown, asked = _counted(train, test)
    linear = LinearSVC(random_state=seed % 2**32).fit(shown, truth)
    commonest = Counter(truth.tolist()).most_common(1)[0][0]
    return Baselines(
        name="TF-IDF + linear SVM",
        best=linear.predict(asked),
        constant=np.full(len(test[0]), commonest),
    )


def several(train: Texts, truth: NDArray[np.bool_], test: Texts, *, seed: int) -> Baselines:
    """`truth` and answers: [rows, labels]. The constant answer is the commonest set of labels."""
    from sklearn.svm import LinearSVC

    shown, asked = _counted(train, test)
    best = np.zeros((len(test[0]), truth.shape[1]), dtype=np.bool_)
    for label, column in enumerate(truth.T):
        if column.all() or not column.any():
            best[:, label] = column.any()
        else:
            best[:, label] = LinearSVC(random_state=seed % 2**32).fit(shown, column).predict(asked)
    commonest = Counter(map(tuple, truth.tolist())).most_common(1)[0][0]
    return Baselines(
        name="TF-IDF + linear SVMs",
        best=best,
        constant=np.tile(np.array(commonest), (len(test[0]), 1)),
    )


def numbers(train: Texts, truth: NDArray[np.float64], test: Texts) -> Baselines:
    """`truth` and answers: [rows]. The constant answer is the mean."""
    from sklearn.linear_model import Ridge  # type: ignore[import-untyped]

    shown, asked = _counted(train, test)
    linear = Ridge(solver="sparse_cg").fit(shown, truth)
    return Baselines(
        name="TF-IDF + ridge regression", best=linear.predict(asked), constant=np.full(len(test[0]), truth.mean())
    )


def words(train: list[list[str]], truth: list[list[str]], test: list[list[str]], *, seed: int) -> Baselines:
    """`truth` and answers: tags, a list a text. The linear model sees each word with its neighbours, endings and shape;
    the constant answer is the word's own commonest tag."""
    from sklearn.feature_extraction import FeatureHasher  # type: ignore[import-untyped]
    from sklearn.linear_model import SGDClassifier

    hasher = FeatureHasher(2**20, input_type="string")
    flat = [tag for tags in truth for tag in tags]
    shown = hasher.transform(features for text in train for features in _surroundings(text))
    asked = hasher.transform(features for text in test for features in _surroundings(text))
    linear = SGDClassifier(random_state=seed % 2**32, average=True, tol=None, max_iter=10).fit(shown, flat)
    own = dict[str, Counter[str]]()
    for text, tags in zip(train, truth, strict=True):
        for word, tag in zip(text, tags, strict=True):
            own.setdefault(word, Counter())[tag] += 1
    known = {word: counts.most_common(1)[0][0] for word, counts in own.items()}
    return Baselines(
        name="word features + linear SVM",
        best=_cut(linear.predict(asked).tolist(), test),
        constant=[[known.get(word, "O") for word in text] for text in test],
    )


def vectors(train: Texts, asked: Texts) -> list[Any]:
    """Sparse vectors of length 1 of each text asked for, as often as words occur there and rare as they are."""
    counter = _counter(train)
    return [counter.transform(texts) for texts in asked]


def _counted(train: Texts, test: Texts) -> tuple[Any, Any]:
    """Sparse features of both splits. Of a pair: those of each text, those they share, and how alike they are."""
    from scipy.sparse import hstack  # type: ignore[import-untyped]

    counter, found = _counter(train), []
    for split in (train, test):
        parts = [counter.transform(texts) for texts in split]
        if len(parts) == 2:
            shared = parts[0].multiply(parts[1])
            parts = [*parts, shared, shared.sum(1), abs(parts[0] - parts[1])]
        found.append(hstack(parts, format="csr"))
    return found[0], found[1]


def _counter(train: Texts) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]

    counter = TfidfVectorizer(token_pattern=WORD, ngram_range=(1, 2), sublinear_tf=True, max_features=MAX_FEATURES)
    return counter.fit([text for texts in train for text in texts])


def _surroundings(text: list[str]) -> list[list[str]]:
    """Of each word what tells it: itself, its ends, its shape, and its neighbours two words far."""
    around = ["<", "<", *text, ">", ">"]
    return [
        [
            f"w={word}", f"l={word.lower()}", f"s={_shape(word)}",
            *(f"p{size}={word[:size]}" for size in (1, 2, 3)), *(f"e{size}={word[-size:]}" for size in (1, 2, 3)),
            *(f"{step}={around[place + 2 + step].lower()}" for step in (-2, -1, 1, 2)),
            *(f"s{step}={_shape(around[place + 2 + step])}" for step in (-1, 1)),
        ]
        for place, word in enumerate(text)
    ]  # fmt: skip


def _shape(word: str) -> str:
    """Capitals, small letters, digits: McDonald's -> XxXx'x."""
    kinds = ["d" if sign.isdigit() else "X" if sign.isupper() else "x" if sign.isalpha() else sign for sign in word]
    return "".join(sign for place, sign in enumerate(kinds) if place == 0 or kinds[place - 1] != sign)


def _cut(flat: list[str], like: list[list[str]]) -> list[list[str]]:
    """As many in a list as `like` has there."""
    rest = iter(flat)
    return [[next(rest) for _ in text] for text in like]
