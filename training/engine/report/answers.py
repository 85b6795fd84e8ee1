"""The sections about answers that are words of a context. No text of a row but first words of questions, which many
share: an erasure from the data stays one."""

from collections.abc import Sequence

from training import paper
from training.engine.judging.answers import Answers, Part
from training.engine.judging.compared import shown
from training.engine.report.pieces import bar, minutes, table, versus
from training.paper import name, section


def opening(found: Answers, *, seconds: float) -> list[str]:
    """What is read first. `seconds`: of training."""
    compared = found.compared
    by_f1 = compared.metric == "f1"
    lines = [
        ("the model", found.model["f1"], compared.intervals[0] if by_f1 else None),
        (compared.name, found.baseline["f1"], compared.intervals[1] if by_f1 else None),
        ("the same for all", found.constant["f1"], None),
    ]
    words = (
        f"F1 of the words of {compared.rows:,} test questions' answers, without case, punctuation and articles. The "
        "marks are the 95 % interval."
    )
    ours, theirs = (shown("exact_match", side["exact_match"]) for side in (found.model, found.baseline))
    figures = [
        (ours, f"of the answers are exactly a right one; of the baseline's {theirs}"),
        (minutes(seconds), "of training"),
    ]
    return [section("The right words", words, versus(lines)) + paper.tiles(figures)]


def closing(found: Answers) -> list[str]:
    """What is looked up."""
    rows = "".join(
        f"<tr><td>row {one.row:,}</td><td>{shown('f1', one.f1)}</td><td>{one.true:,}</td><td>{one.answered:,}</td></tr>"
        for one in found.worst
    )
    heads = ("test row", "F1", "words of the right answer", "words answered")
    asked = section("By what was asked", _OPENINGS, _parts("first word", found.openings))
    return [
        *([asked] if len(found.openings) > 1 else []),
        section("By how long the answer is", _LENGTHS.format(name=found.compared.name), _parts("", found.lengths)),
        section("Farthest off", _WORST if rows else "Every test question is answered rightly.", table(heads, rows)),
    ]


def _parts(noun: str, parts: Sequence[Part]) -> str:
    rows = "".join(
        f"<tr><td>{name(one.name)}</td><td>{one.rows:,}</td><td>{100 * one.exact_match:.1f}</td>"
        f'<td>{100 * one.f1:.1f}</td><td class="drawn">{_bar(one)}</td><td>{100 * one.baseline:.1f}</td></tr>'
        for one in parts
    )
    return table((noun, "questions", "exact", "F1", "", "baseline F1"), rows)


def _bar(one: Part) -> str:
    return bar(one.f1, "", f'<b style="left:{100 * one.baseline:.1f}%"></b>')


_OPENINGS = "The commonest first words of the test questions. In percent; the mark on a bar is the baseline."
_LENGTHS = "Test questions by the words of their right answer. In percent; the mark on a bar is the baseline ({name})."
_WORST = "Test rows by their number in the source. Often it is the answer there that is wrong, or another is as good."
