"""What no neural network answers to a question: the words of the context that stand nearest to the question's.

A window slides over the context, as long as the usual answer; it is worth the question's words around it, each by how
rare it is and how near it stands, and loses those in it, as what is asked is no answer (after the sliding window of
Richardson et al. 2013, which SQuAD's authors took as their baseline, too).
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from math import log
from statistics import median

from training.engine.judging.answers import Asked, marks
from training.engine.judging.baseline import Baselines

WORD = re.compile(r"\w+")
REACH = 10  # words around the window that are looked at
SHOWN = 500  # training rows on which it is seen whether to answer at all is better than never

Found = list[tuple[str, int, int]]  # words in small letters, and which characters they are


def answers(train: Asked, shown: Sequence[str], asked: Asked, contexts: Sequence[str]) -> Baselines:
    """`shown`, `contexts`: of the training rows and of those asked. The constant answer is none where some training
    rows have none, else what contexts begin with."""
    rights = [min(right, key=len) for right in train.right]
    size = max(1, round(median([len(_found(right)) for right in rights if right] or [1])))
    rarity = _rarity(shown)
    blank = not all(rights)
    few = slice(SHOWN)
    some = Asked(questions=train.questions[few], right=train.right[few], numbers=train.numbers[few])
    near = [_near(*pair, size, rarity) for pair in zip(some.questions, shown[few], strict=True)]
    never = blank and marks(some, [""] * len(near)).value("f1") > marks(some, near).value("f1")
    constant = ["" if blank else _cut(context, _found(context)[:size]) for context in contexts]
    best = (
        constant if never else [_near(*pair, size, rarity) for pair in zip(asked.questions, contexts, strict=True)]
    )  # fmt: skip
    return Baselines(name="never answering" if never else "sliding window", best=best, constant=constant)


def _rarity(texts: Sequence[str]) -> Callable[[str], float]:
    """Of a word the logarithm of how many texts there are for one that has it."""
    having = Counter(word for text in set(texts) for word in {word for word, _, _ in _found(text)})
    return lambda word: log(1 + len(texts) / max(1, having[word]))


def _near(question: str, context: str, size: int, rarity: Callable[[str], float]) -> str:
    asked = {word: rarity(word) for word, _, _ in _found(question)}
    words = _found(context)
    worth = [asked.get(word, 0.0) for word, _, _ in words]
    starts = range(max(1, len(words) - size + 1))
    best = max(starts, key=lambda start: (_worth(worth, start, size), -start))
    return _cut(context, words[best : best + size])


def _worth(worth: list[float], start: int, size: int) -> float:
    before = worth[max(0, start - REACH) : start][::-1]
    after = worth[start + size : start + size + REACH]
    around = sum(one / (1 + far) for side in (before, after) for far, one in enumerate(side))
    return around - sum(worth[start : start + size])


def _found(text: str) -> Found:
    return [(one[0].lower(), *one.span()) for one in WORD.finditer(text)]


def _cut(text: str, words: Found) -> str:
    return text[words[0][1] : words[-1][2]] if words else ""
