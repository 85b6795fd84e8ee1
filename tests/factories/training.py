"""Files, data sets and tasks made the way a customer makes them; jobs run in this process as a worker runs them."""

from typing import Any

from jobs import running
from tests.factories.people import Person
from workers.wiring import HANDLERS

WORDS = {
    "delivery": ["where is my parcel", "the driver never came", "tracking shows nothing", "late again with the box"],
    "refund": ["i want my money back", "refund the second charge", "you billed me twice", "credit my card please"],
    "repair": ["the pump leaks water", "it stopped spinning", "machine is broken", "drum makes a loud noise"],
}


def messages(rows: int = 60, *, labels: int = 3) -> bytes:
    """A CSV of short messages, all different, evenly over `labels` labels."""
    chosen = list(WORDS.items())[:labels]
    lines = ["text,label"]
    for number in range(rows):
        label, texts = chosen[number % len(chosen)]
        lines.append(f"{texts[number % len(texts)]} order {number},{label}")
    return ("\n".join(lines) + "\n").encode()


def file(person: Person, content: bytes | None = None, filename: str = "messages.csv") -> dict[str, Any]:
    answer = person.upload(messages() if content is None else content, filename=filename)
    assert answer.status_code == 200, answer.content
    made: dict[str, Any] = answer.json()
    return made


def dataset(person: Person, content: bytes | None = None, **more: Any) -> dict[str, Any]:
    """A data set after its ingestion job has run: ready, or rejected with the reason."""
    filename = more.pop("filename", "messages.csv")
    answer = person.post("/v1/datasets", {"file": file(person, content, filename)["id"], **more})
    assert answer.status_code == 202, answer.content
    work("cpu")
    found: dict[str, Any] = person.get(f"/v1/datasets/{answer.json()['id']}").json()
    return found


def task(person: Person, of: dict[str, Any] | None = None) -> dict[str, Any]:
    ready = dataset(person) if of is None else of
    answer = person.post("/v1/tasks", {"name": "Parts", "type": "text-classification", "dataset": ready["id"]})
    assert answer.status_code == 201, answer.content
    made: dict[str, Any] = answer.json()
    return made


def fine_tune(person: Person, of: dict[str, Any], **more: Any) -> Any:
    """The answer to asking for a fine-tune of a task on its own file."""
    source = person.get(f"/v1/datasets/{of['dataset']}").json()["file"]
    wish = {"model": "minilm-l6", "training_file": source, "task": of["id"], **more}
    return person.post("/v1/fine_tuning/jobs", wish)


def work(queue: str) -> None:
    """What a worker does when it is woken: one job after the other until none waits."""
    running.drain(queue, "test", HANDLERS)
