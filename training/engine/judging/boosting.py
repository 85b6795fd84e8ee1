"""What boosted trees reach on a table in seconds: scikit-learn's histogram gradient boosting (Ke et al. 2017).

They are the hard baseline of tables: on many a table they are better than a neural network (Grinsztajn et al. 2022,
arXiv:2207.08815). They get the same rows, and as many rounds as validation says, as the network gets its epochs.
"""

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from contracts.columns import MISSING
from training.engine.data.columns import Cells
from training.engine.judging.baseline import Baselines

NAME = "gradient boosting"
ROUNDS, PATIENCE = 500, 20
TREES = 5_000  # of all classes: a round grows one for each
FEWEST_ROUNDS = 20
NATIVE = 255  # codes of a category that a split can divide as it likes; of more, by their order

Seen = tuple[Cells, NDArray[Any]]  # rows and their truth


def classes(train: Seen, validation: Seen, test: Cells, *, labels: int, seed: int) -> Baselines:
    """`truth` and answers: [rows] class indices. Every class stands in the training rows."""
    from sklearn.ensemble import HistGradientBoostingClassifier  # type: ignore[import-untyped]

    rounds = max(FEWEST_ROUNDS, min(ROUNDS, TREES // labels))
    shares = _fitted(HistGradientBoostingClassifier, train, validation, rounds=rounds, seed=seed).predict_proba(
        _table(test)
    )
    commonest = Counter(train[1].tolist()).most_common(1)[0][0]
    return Baselines(name=NAME, best=shares.argmax(1), constant=np.full(len(test), commonest), shares=shares)


def numbers(train: Seen, validation: Seen, test: Cells, *, seed: int) -> Baselines:
    """`truth` and answers: [rows]. The constant answer is the mean."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    model = _fitted(HistGradientBoostingRegressor, train, validation, rounds=ROUNDS, seed=seed)
    return Baselines(name=NAME, best=model.predict(_table(test)), constant=np.full(len(test), train[1].mean()))


def _fitted(kind: Any, train: Seen, validation: Seen, *, rounds: int, seed: int) -> Any:
    cells, truth = train
    sizes = cells.codes.amax(0).tolist() if cells.codes.shape[1] else []
    model = kind(
        max_iter=rounds,
        early_stopping=True,
        n_iter_no_change=PATIENCE,
        categorical_features=[False] * cells.numbers.shape[1] + [size < NATIVE for size in sizes],
        random_state=seed % 2**32,
    )
    return model.fit(_table(cells), truth, X_val=_table(validation[0]), y_val=validation[1])


def _table(cells: Cells) -> NDArray[np.float64]:
    """[rows, columns]; NaN where a cell is empty."""
    codes = cells.codes.double().numpy()
    return np.hstack([cells.numbers.numpy(), np.where(codes == MISSING, np.nan, codes)])
