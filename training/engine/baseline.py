"""What a few seconds without a neural network reach: always the commonest class, and TF-IDF with a linear model.

Trained on the same rows and judged on the same test rows, so that a report can say whether fine-tuning paid.
"""

from collections import Counter
from dataclasses import dataclass

import torch
from torch import Tensor

from training.engine.data.reading import Rows

NAME = "TF-IDF + linear SVM"
WORD = r"\w+|[^\w\s]"  # single letters and signs too: a text may be a grade, an emoji, one Chinese character
MAX_FEATURES = 200_000  # word pairs of a large data set; keeps 1,000 classes within a gigabyte and a half


@dataclass(frozen=True, kw_only=True)
class Baselines:
    """(N,) class indices for the test texts."""

    linear: Tensor
    majority: Tensor


def answers(train: Rows, truth: Tensor, test: Rows, *, seed: int) -> Baselines:
    """`truth`: (train rows,) class indices."""
    # imported here: a second and a half that a refused job need not wait; scikit-learn ships no types
    from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]
    from sklearn.pipeline import make_pipeline  # type: ignore[import-untyped]
    from sklearn.svm import LinearSVC  # type: ignore[import-untyped]

    words = TfidfVectorizer(token_pattern=WORD, ngram_range=(1, 2), sublinear_tf=True, max_features=MAX_FEATURES)
    linear = make_pipeline(words, LinearSVC(random_state=seed % 2**32))
    labels = truth.tolist()
    linear.fit(train.texts, labels)
    commonest = Counter(labels).most_common(1)[0][0]
    return Baselines(
        linear=torch.from_numpy(linear.predict(test.texts)),
        majority=torch.full((len(test),), commonest),
    )
