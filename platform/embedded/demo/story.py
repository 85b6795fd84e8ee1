"""The main job as a story, top to bottom: from a file of labelled messages to an endpoint that only its owner sees.

Everything goes through the public API, as a client company would do it. Each function is one step and prints what
it found; a promise the service does not keep raises `Broken`.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from embedded.addresses import Addresses
from embedded.demo import events
from embedded.demo.client import POLL_S, Client, Json, Refused
from embedded.demo.receiver import Receiver
from embedded.demo.sample import Sample
from embedded.demo.show import Show, clipped, percent

BASE_MODEL = "minilm-l6"
DATASET_LIMIT_S, RELEASE_LIMIT_S, WEBHOOK_LIMIT_S = 300.0, 60.0, 30.0


class Broken(Exception):
    """The service answered, but not as it promises to."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What the summary repeats."""

    metrics: Json
    endpoint: Json
    report: Path
    webhooks: tuple[str, ...]


def tell(addresses: Addresses, sample: Sample, *, state: Path, show: Show) -> Outcome:
    with (
        Client(addresses.base_url, addresses.api_key) as acme,
        Client(addresses.base_url, addresses.other_api_key) as globex,
        Receiver() as receiver,
    ):
        webhook = listen(acme, receiver, show)
        try:
            file = upload(acme, sample, show)
            dataset = prepare(acme, sample, file, show)
            task = define(acme, sample, dataset, show)
            job = train(acme, sample, file, dataset, task, show)
            model, report = compare(acme, job, state, show)
            endpoint = released(acme, sample, model, show)
            predict(acme, sample, endpoint, model, show)
            hear(receiver, job, model, show)
            keep_out(globex, job, model, endpoint, show)
        finally:
            acme.delete(f"/v1/webhook_endpoints/{webhook['id']}")
        types = tuple(event.type for event in receiver.received)
        return Outcome(metrics=model["metrics"], endpoint=endpoint, report=report, webhooks=types)


def listen(acme: Client, receiver: Receiver, show: Show) -> Json:
    with show.step("Listen for webhooks"):
        webhook = acme.post("/v1/webhook_endpoints", {"url": receiver.url, "event_types": ["*"]})
        receiver.secret = webhook["signing_secret"]
        show.say(f"{receiver.url} is registered as {webhook['id']}; its secret was shown once")
    return webhook


def upload(acme: Client, sample: Sample, show: Show) -> Json:
    with show.step("Upload the file"):
        file = acme.upload(sample.file, purpose="fine-tune")
        show.say(f"{sample.file.name}, {file['bytes']:,} bytes, is now {file['id']}")
    return file


def prepare(acme: Client, sample: Sample, file: Json, show: Show) -> Json:
    with show.step("Turn it into a data set"):
        body: Json = {"file": file["id"], "columns": {"text": sample.text, "label": sample.label}}
        dataset = acme.post("/v1/datasets", body | ({"split": sample.split} if sample.split else {}))
        path = f"/v1/datasets/{dataset['id']}"
        dataset = acme.poll(path, until=lambda found: found["status"] != "processing", limit_s=DATASET_LIMIT_S)
        if dataset["status"] != "ready":
            raise Broken(f"The data set was {dataset['status']}: {sentence_of(dataset.get('error'))}")
        describe(dataset["report"], show)
    return dataset


def describe(report: Json, show: Show) -> None:
    rows = report["rows"]
    splits = ", ".join(f"{count:,} {split}" for split, count in rows.items() if split != "total")
    show.say(f"{rows['total']:,} rows: {splits}")
    labels = {label: sum(counts.values()) for label, counts in report["labels"].items()}
    fewest, most = min(labels.values()), max(labels.values())
    show.say(f"{len(labels)} labels of {fewest} to {most} rows: {clipped(', '.join(labels), 200)}")
    for finding in report["findings"]:
        show.say(f"{finding['severity']}: {finding['message']}", style="yellow")


def define(acme: Client, sample: Sample, dataset: Json, show: Show) -> Json:
    with show.step("Define the task"):
        name = f"{sample.endpoint}-{datetime.now(UTC):%Y%m%d-%H%M%S}"  # the demo may run again on the same stack
        task = acme.post("/v1/tasks", {"name": name, "type": "text-classification", "dataset": dataset["id"]})
        show.say(f"{task['id']}: {task['type']}, named {name}")
    return task


def train(acme: Client, sample: Sample, file: Json, dataset: Json, task: Json, show: Show) -> Json:
    with show.step("Fine-tune"):
        wish = {"model": BASE_MODEL, "training_file": file["id"], "dataset": dataset["id"], "task": task["id"]}
        job = acme.post("/v1/fine_tuning/jobs", wish | {"deploy": {"endpoint": sample.endpoint}})
        path = f"/v1/fine_tuning/jobs/{job['id']}"
        show.say(f"{job['id']} is {job['status']}")
        try:
            watch(acme, f"{path}/events?stream=true", show)
        except KeyboardInterrupt:
            acme.post(f"{path}/cancel", {})
            show.say(f"{job['id']} is being cancelled.", style="yellow")
            raise
        job = acme.get(path)
        if job["status"] != "succeeded":
            raise Broken(f"{job['id']} {job['status']}: {sentence_of(job.get('error'))}")
        show.say(f"{job['id']} succeeded; the model is {job['fine_tuned_model']}", style="green")
    return job


def watch(acme: Client, path: str, show: Show) -> None:
    with show.progress() as bars:
        for event in events.follow(acme, path):
            if event["type"] == "progress":
                bars.update(event["data"])
            elif event["type"] == "message":
                show.say(event["message"], style={"warn": "yellow", "error": "red"}.get(event["level"], "dim"))
            elif (accuracy := event["data"].get("valid_accuracy")) is not None:
                show.say(f"step {event['data'].get('step')}: validation accuracy {percent(accuracy)}", style="dim")
        bars.end()


def compare(acme: Client, job: Json, state: Path, show: Show) -> tuple[Json, Path]:
    with show.step("Evaluate on the held-out test split"):
        model = acme.get(f"/v1/models/{job['fine_tuned_model']}")
        metrics = model["metrics"]
        names = {"accuracy": "accuracy", "macro_f1": "macro F1"}
        rows = [
            ["fine-tuned " + BASE_MODEL, *(percent(metrics.get(name)) for name in names)],
            ["TF-IDF + linear model", *(percent(metrics.get(f"baseline_{name}")) for name in names)],
        ]
        show.table("test split", *names.values(), rows=rows, right=(1, 2))
        report = state / "demo" / "report.html"
        report.parent.mkdir(parents=True, exist_ok=True)
        report.write_text(acme.page(f"/v1/models/{model['id']}/report"), encoding="utf-8")
        show.say(f"The whole report: {report}")
    return model, report


def released(acme: Client, sample: Sample, model: Json, show: Show) -> Json:
    with show.step("Release to an endpoint"):

        def ours(endpoints: Json) -> list[Json]:
            return [one for one in endpoints["data"] if (one.get("release") or {}).get("model") == model["id"]]

        found = acme.poll("/v1/endpoints?limit=100", until=lambda page: bool(ours(page)), limit_s=RELEASE_LIMIT_S)
        endpoint = ours(found)[0]
        show.say(f"{endpoint['id']}, named {endpoint['name']}, answers at")
        for protocol, url in endpoint["urls"].items():
            show.say(f"  {protocol:<12} {url}")
    return endpoint


def predict(acme: Client, sample: Sample, endpoint: Json, model: Json, show: Show) -> None:
    with show.step("Ask the endpoint"):
        answer = answer_of(acme, endpoint, model, {"inputs": [text for text, _ in sample.questions]})
        best = [prediction["labels"][0] for prediction in answer["predictions"]]
        rows = [
            [clipped(text), top["label"], percent(top["score"]), "" if top["label"] == label else f"a person: {label}"]
            for (text, label), top in zip(sample.questions, best, strict=True)
        ]
        show.table("message", "prediction", "score", "", rows=rows, right=(2,))


def answer_of(acme: Client, endpoint: Json, model: Json, asked: Json) -> Json:
    """A release reaches the servers within a moment; until then the former model answers, or none does."""
    deadline = time.monotonic() + RELEASE_LIMIT_S
    while True:
        try:
            answer = acme.post(endpoint_path(endpoint), asked)
            if answer["model"] == model["id"]:
                return answer
        except Refused as refusal:
            if refusal.status != 404 or time.monotonic() > deadline:
                raise
        if time.monotonic() > deadline:
            raise Broken(f"{endpoint['id']} does not answer from {model['id']}, which was released to it.")
        time.sleep(POLL_S)


def hear(receiver: Receiver, job: Json, model: Json, show: Show) -> None:
    with show.step("Hear the webhook"):
        for event_type, about in (("fine_tuning.job.succeeded", job["id"]), ("model.ready", model["id"])):
            if receiver.wait_for(event_type, about, limit_s=WEBHOOK_LIMIT_S) is None:
                raise Broken(f"No verified {event_type} about {about} came within {WEBHOOK_LIMIT_S:.0f} s.")
        for one in receiver.received:
            show.say(f"{one.type} about {one.about}: signature verified ({one.id})", style="green")


def keep_out(globex: Client, job: Json, model: Json, endpoint: Json, show: Show) -> None:
    """The other tenant gets the answer of an id that does not exist."""
    with show.step("Look through another tenant's eyes"):
        things = {"fine_tuning/jobs": job, "models": model, "endpoints": endpoint}
        for path in (f"/v1/{noun}/{thing['id']}" for noun, thing in things.items()):
            expect_nothing(f"GET {path}", partial(globex.get, path), show)
        path = endpoint_path(endpoint)
        expect_nothing(f"POST {path}", partial(globex.post, path, {"inputs": ["hello"]}), show)


def expect_nothing(words: str, call: Callable[[], Json], show: Show) -> None:
    try:
        call()
    except Refused as refusal:
        if refusal.status != 404:
            raise
        show.say(f"404  {words}", style="green")
    else:
        raise Broken(f"Another tenant was answered: {words}")


def endpoint_path(endpoint: Json) -> str:
    return f"/v1/endpoints/{endpoint['id']}/predict"


def sentence_of(error: Json | None) -> str:
    return str((error or {}).get("message") or "it gave no reason.")
