"""What the demo trains on: the shipped customer-service messages, or any labelled file that is named."""

import csv
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

from embedded.demo.client import Json

SHIPPED = Path(__file__).with_name("sample_messages.csv")

# Written for the demo and in no row of the sample: what tomorrow's customers might write, and what a person would say.
UNSEEN = (
    ("it's been ten days and my parcel still hasn't shown up, can you look where it is?", "order_status"),
    ("hi, I sent the mixer back two weeks ago, when do I get my money?", "refund_status"),
    ("the jug was smashed when I opened the box, and one filter is missing", "damaged_or_wrong"),
    ("does the pump for the Norvik W60 also fit the older W50?", "product_question"),
    ("cant get into my account, the reset link does nothing", "account_access"),
    ("please stop order 48211, I bought it twice by mistake", "cancel_order"),
)
# A small file keeps a larger test share: with a hundred rows accuracy would be a matter of luck.
SMALL_SPLIT = {"train": 0.7, "validation": 0.1, "test": 0.2, "seed": 0}


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A labelled file, its columns, the endpoint's name to be, and messages to ask with the label they deserve."""

    file: Path
    text: str = "text"
    label: str = "label"
    endpoint: str = "parts"
    questions: tuple[tuple[str, str], ...] = UNSEEN
    split: Json = field(default_factory=dict)  # empty: the service's own


def shipped() -> Sample:
    return Sample(file=SHIPPED, split=SMALL_SPLIT)


def given(file: Path, *, text: str, label: str) -> Sample:
    """Asks rows from all over the file itself: nobody knows what else its owner's customers write."""
    rows = rows_of(file, text, label)
    return Sample(
        file=file,
        text=text,
        label=label,
        endpoint=endpoint_name(file.stem),
        questions=tuple(rows[:: max(1, len(rows) // len(UNSEEN))][: len(UNSEEN)]),
    )


def rows_of(file: Path, text: str, label: str) -> list[tuple[str, str]]:
    """Rows that have both columns; a broken file yields few or none, and the service says what is wrong with it."""
    with file.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
        if file.suffix == ".jsonl":
            rows = [json.loads(line) for line in stream if line.strip().startswith("{")]
        else:
            rows = list(csv.DictReader(stream, delimiter="\t" if file.suffix == ".tsv" else ","))
    return [(str(row[text]), str(row[label])) for row in rows if row.get(text) and row.get(label)]


def endpoint_name(stem: str) -> str:
    """Lower-case letters, digits and dashes, as an address wants them: 'My Data (2)' becomes 'my-data-2'."""
    return re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-")[:40].strip("-") or "demo"
