"""The report as a page: complete, escaped, the same for the same data, and it says what to do."""

from html.parser import HTMLParser

import pytest

from contracts.ingestion import DatasetReport, Finding, Histogram
from tests.training.ingest.child import csv_of, good_rows, ingest
from training.ingest.report.drawing import histogram
from training.ingest.report.page import headline, page

VOID = {"meta", "br", "wbr", "rect", "line"}
HOSTILE = "<script>alert('x')</script>\"&'"


def report(*findings: Finding, labels: int = 2, **changed: object) -> DatasetReport:
    counts = {f"label {n}": {"train": 10 * n + 1, "validation": 2, "test": 1} for n in range(labels)}
    values: dict[str, object] = {
        "rows": {"train": 80, "validation": 10, "test": 10, "total": 100},
        "columns": {"text": "message", "label": "part"},
        "labels": counts,
        "encoding": "utf-8",
        "format": "csv",
        "sha256": "0" * 64,
        "split": {"method": "ratio", "seed": 3},
        "findings": findings,
        **changed,
    }
    return DatasetReport(**values)  # type: ignore[arg-type]


class Nesting(HTMLParser):
    """Fails where an element is closed that was not open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


def seen(html: str) -> set[str]:
    parser = Nesting()
    parser.feed(html)
    assert parser.open == []
    return parser.seen


DUPLICATE = Finding(
    code="duplicate_text", severity="info", message="3 rows repeat.", count=3, rows=(4, 5), fix="drop_rows"
)
WRONG = Finding(code="degenerate_box", severity="error", message="A box without area.", count=1, rows=(7,))
WARNING = Finding(code="leak", severity="warning", message="Rows leak.", count=1, rows=(9,))


@pytest.mark.parametrize("labels", [0, 2, 1_000])
@pytest.mark.parametrize("findings", [(), (DUPLICATE, WRONG, WARNING) * 15])
def test_the_page_is_whole_and_asks_for_nothing(labels: int, findings: tuple[Finding, ...]) -> None:
    html = page("data.csv", "text-classification", report(*findings, labels=labels), [{"row": 1, "text": "a"}])
    assert seen(html).isdisjoint({"script", "link", "img", "iframe"})
    assert "http:" not in html
    assert "https:" not in html


def test_no_word_of_a_customer_becomes_markup() -> None:
    finding = Finding(code="x", severity="info", message=HOSTILE, count=1)
    hostile = report(
        finding,
        labels=0,
        columns={"text": HOSTILE},
        histograms=(
            Histogram(
                title=HOSTILE,
                unit=HOSTILE,
                edges=(0.0,),
                counts=dict.fromkeys(("train", "validation", "test"), (1,)),
            ),
        ),
    )
    html = page(HOSTILE, "text-classification", hostile, [{HOSTILE: HOSTILE}])
    assert "<script" not in html
    seen(html)


def test_what_is_wrong_comes_first_and_what_mends_it_can_be_copied() -> None:
    html = page("data.csv", "text-classification", report(DUPLICATE, WARNING, WRONG), [])
    assert html.index("degenerate_box") < html.index("Rows leak.") < html.index("3 rows repeat.")
    assert "{&quot;steps&quot;: [{&quot;name&quot;: &quot;drop_rows&quot;, &quot;rows&quot;: [4, 5]}]}" in html


@pytest.mark.parametrize(
    ("findings", "words"),
    [
        ((), "ready to learn from"),
        ((WARNING,), "one thing to look at first"),
        ((WRONG, WARNING), "one thing to put right"),
    ],
)
def test_the_headline_says_whether_it_can_be_trusted(findings: tuple[Finding, ...], words: str) -> None:
    assert words in headline(report(*findings))


def test_bars_are_as_high_as_their_rows() -> None:
    drawn = Histogram(
        title="t", unit="u", edges=(0.0, 10.0), counts={"train": (400, 100), "validation": (0, 0), "test": (0, 0)}
    )
    heights = [float(part.split('"')[0]) for part in histogram(drawn).split('height="')[1:]]
    assert heights[0] == pytest.approx(4 * heights[1], rel=0.01)


def test_a_version_holds_its_page_and_its_histograms() -> None:
    outcome = ingest(csv_of(good_rows(60)))
    (drawn,) = outcome.told.histograms
    assert (drawn.title, sum(map(sum, drawn.counts.values()))) == ("Length of text", 60)
    assert "report.html" in outcome.files
