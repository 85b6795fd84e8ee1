"""metrics.json holds every number; report.html shows them in one page that loads nothing and runs nothing."""

from functools import cache
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from contracts.decision import Decision
from tests.engine import tiny
from tests.engine.engine import Outcome
from tests.engine.findings import classes, made
from training.engine.report.page import page
from training.engine.report.pieces import OPEN
from training.engine.report.plots import DRAWN

HOSTILE = (
    "<script>alert(1)</script>",
    "\"'><img src=//evil.example/x onerror=alert(1)>",
    "</svg></style><style>@import 'http://evil.example'</style>",
    "$\\frac{1}{0}$ & 100 %",
    "شكوى · 投诉：信用卡费用问题需要尽快处理的客户请求 · 👍",
    "two\nlines\tand a bell\x07",
    "long " * 60,
)
MANY = tuple(f"intent-{index:02}" for index in range(77))
ROWS = 770
FORBIDDEN = {"script", "link", "iframe", "object", "embed", "base", "form", "audio", "video", "img"}


class Read(HTMLParser):
    """What a browser would see: tags, attributes, and text outside of <style>."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        if self.cdata_elem is None:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return "".join(self.texts)


@cache
def shown(labels: tuple[str, ...] = tiny.LABELS) -> Read:
    return Read(page(made(labels, rows=ROWS)))


def test_metrics_hold_scores_of_model_baseline_and_majority(trained: Outcome) -> None:
    metrics = trained.metrics
    for who in ("model", "baseline", "majority"):
        scores = metrics[who]
        assert scores["rows"] == sum(map(sum, scores["confusion"])) == 30
        assert scores["accuracy"] == sum(row[index] for index, row in enumerate(scores["confusion"])) / 30
        low, high = scores["accuracy_interval"]
        assert low < scores["accuracy"] < high or scores["accuracy"] in (0, 1)
        for average in ("macro", "micro", "weighted"):
            assert scores[average].keys() == {"precision", "recall", "f1"}
        if who != "majority":
            low, high = scores["macro_f1_interval"]
            assert low <= scores["macro"]["f1"] <= high or low == high
        assert list(scores["classes"]) == metrics["task"]["labels"]
        for one in scores["classes"].values():
            assert one.keys() == {"precision", "recall", "f1", "support"}
    assert metrics["summary"] == trained.done.summary
    assert metrics["baseline"]["name"] == "TF-IDF + linear SVM"
    assert len(metrics["history"]) == 3


def test_metrics_tell_where_the_answers_can_be_relied_on(trained: Outcome) -> None:
    metrics = trained.metrics
    assert sum(one["rows"] for one in metrics["calibration"]["bins"]) == 30
    assert metrics["calibration"]["temperature"] > 0
    assert metrics["abstention"][0] | {"confidence": 0} == {
        "confidence": 0,
        "coverage": 1.0,
        "accuracy": metrics["model"]["accuracy"],
    }
    assert metrics["slices"]["metric"] == "accuracy"
    assert sum(one["rows"] for one in metrics["slices"]["slices"] if one["by"] == "length, characters") == 30
    wrong = 30 - sum(row[index] for index, row in enumerate(metrics["model"]["confusion"]))
    assert len(metrics["surest_mistakes"]) == min(wrong, 20)


def test_mistakes_are_named_by_row_so_that_an_erased_text_stays_erased() -> None:
    """Of a mistake the page holds number and labels; the text is the data set's."""
    findings = made(rows=ROWS)
    table = page(findings).split("Surest mistakes")[1].split("</section>")[0]
    assert table.count("<td>row ") == len(classes(findings).mistakes)
    assert f"<td>row {classes(findings).mistakes[0].row:,}</td>" in table


def test_confidence_abstention_and_parts_have_their_sections() -> None:
    text = shown().text
    for words in ("expected calibration error", "abstain_below", "Where it is weaker", "rows answered, %"):
        assert words in text


def test_a_real_report_is_written_beside_the_model(trained: Outcome) -> None:
    read = Read((trained.output / "report.html").read_text(encoding="utf-8"))
    assert str(trained.done.summary["sentence"]) in read.text
    assert {"cards", "loans", "fees"} <= set(read.texts)


@pytest.mark.parametrize("labels", [tiny.LABELS, HOSTILE, MANY])
def test_the_page_is_complete_in_itself(labels: tuple[str, ...]) -> None:
    read = shown(labels)
    assert FORBIDDEN.isdisjoint(read.tags)
    assert not [name for name, _ in read.attributes if name.startswith("on")]
    loaded = [value for name, value in read.attributes if name in {"src", "href", "xlink:href", "data", "action"}]
    assert loaded
    assert all(value.startswith(("data:image/", "#")) for value in loaded)
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'; img-src data:") in read.attributes
    assert read.tags.count("style") == 1 + read.tags.count("svg"), "one of the page, one of each drawing"


def test_a_customers_words_stay_words() -> None:
    text = shown(HOSTILE).text
    for label in HOSTILE:
        assert label in text


def test_what_matters_most_comes_first() -> None:
    text = shown().text
    headings = [
        "The model reaches", "Accuracy", "Class by class", "How it learnt", "Most often confused",
        "What is mistaken for what", "Settings",
    ]  # fmt: skip
    assert [text.index(one) for one in headings] == sorted(text.index(one) for one in headings)


def test_accuracy_stands_beside_the_baseline_each_with_its_interval() -> None:
    findings, text = made(rows=ROWS), shown().text
    model, plain = (f"{100 * one.accuracy:.1f} %" for one in (classes(findings).model, classes(findings).baseline))
    assert model in text
    assert plain in text
    low, high = findings.document()["model"]["accuracy_interval"]
    assert f"{100 * low:.1f} – {100 * high:.1f}" in text


def test_every_class_is_listed_the_weakest_first() -> None:
    findings, text = made(MANY, rows=ROWS), shown(MANY).text
    listed = [label for one in text.split("Class by class")[1].split("intent-")[1:78] if (label := f"intent-{one[:2]}")]
    f1 = {label: one.f1 for label, one in zip(MANY, classes(findings).model.classes, strict=True)}
    assert sorted(listed) == sorted(MANY)
    assert all(f1[weaker] <= f1[stronger] for weaker, stronger in pairwise(listed))
    assert f"The other {77 - OPEN} classes" in text


def test_of_many_classes_the_drawing_names_those_mixed_up_most() -> None:
    drawing = shown(MANY).text.split("What is mistaken for what")[1].split("Settings")[0]
    assert len({one for one in MANY if one in drawing}) == DRAWN
    assert "any other" in drawing
    assert f"Of 77 classes, the {DRAWN} mixed up most" in drawing


def test_the_most_confused_pair_is_named_first() -> None:
    findings = made(("left", "right", "up"), rows=600, right=0.5)
    counts = {
        (true, answer): count
        for true, row in enumerate(classes(findings).model.confusion)
        for answer, count in enumerate(row)
        if true != answer
    }
    true, answer = max(counts, key=lambda pair: counts[pair])
    names = findings.task.labels
    table = page(findings).split("Most often confused")[1]
    first = f'<tr><td>{names[true]}</td><td class="text">{names[answer]}</td><td>{counts[true, answer]}</td></tr>'
    assert table.index("<tr><td>") == table.index(first)


def test_the_same_numbers_give_the_same_page() -> None:
    assert page(made()) == page(made())


def test_a_thousand_classes_are_still_a_page() -> None:
    html = page(made(tuple(f"class {index}" for index in range(1_000)), rows=3_000))
    assert len(html) < 2_000_000
    assert "class 999" in html


@pytest.mark.parametrize(
    ("rows", "right", "plain", "words"),
    [
        (3_000, 0.9, 0.7, "points more than the TF-IDF + linear SVM baseline"),
        (3_000, 0.6, 0.9, "points fewer than the TF-IDF + linear SVM baseline"),
        (20, 0.9, 0.7, "with 20 test rows that may be chance."),
        (50, 1.0, 1.0, "just what the TF-IDF + linear SVM baseline reaches."),
    ],
)
def test_one_sentence_says_whether_it_paid(rows: int, right: float, plain: float, words: str) -> None:
    findings = made(rows=rows, right=right, plain=plain)
    assert words in findings.compared.sentence
    assert ("chance" in findings.compared.sentence) == (rows == 20)
    assert findings.summary()["beats_baseline"] == (findings.compared.gain > 0)


def test_what_the_task_decides_has_its_own_figures_and_no_decision_has_none() -> None:
    first, second, *_ = tiny.LABELS
    decision = Decision(
        costs={first: {second: 5.0}}, positive_label=first, abstain_below=0.5, label_descriptions={first: "<b>why</b>"}
    )
    decided = page(made(decision=decision))
    for words in (
        "As the task decides",
        "of test rows answered",
        "cost of an answer",
        f"F1 of {first}",
        "average precision",
    ):
        assert words in decided
    assert "<small>&lt;b&gt;why&lt;/b&gt;</small>" in decided
    assert made(decision=decision).summary()["coverage"] == 1.0
    assert "As the task decides" not in page(made())
    assert "coverage" not in made().summary()
