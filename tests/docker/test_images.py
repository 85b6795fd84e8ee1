"""The Dockerfiles, read as text: what an image may hold and as whom it runs. Building them is an operator's step."""

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from runpy import run_path

import pytest

from embedded import plan
from tests.architecture.repository import ROOT

DOCKER = ROOT / "docker"
IMAGES = ("web", "worker", "runtime")
EXTRAS = {"web": ".", "worker": ".[engine]", "runtime": ".[runtime]"}


def instructions(image: str) -> list[tuple[str, str]]:
    """Comments left out, continued lines joined."""
    text = re.sub(r"^#.*\n", "", (DOCKER / f"{image}.Dockerfile").read_text(), flags=re.MULTILINE)
    lines = [line for line in re.sub(r"\\\n\s*", "", text).splitlines() if line]
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines)]


def last_stage(image: str) -> dict[str, str]:
    """What the image itself is made of; of each instruction the last."""
    found = instructions(image)
    begins = max(number for number, (word, _) in enumerate(found) if word == "FROM")
    return dict(found[begins:])


@pytest.mark.parametrize("image", IMAGES)
def test_every_image_stands_on_a_base_of_the_operators_choice(image: str) -> None:
    assert instructions(image)[0][0] == "ARG"
    assert instructions(image)[0][1].startswith("BASE=docker.io/library/python:3.11")
    assert ("FROM", "${BASE} AS base") in instructions(image)


@pytest.mark.parametrize("image", IMAGES)
def test_no_image_runs_as_root(image: str) -> None:
    user = re.fullmatch(r"(\d+):(\d+)", last_stage(image)["USER"])
    assert user is not None
    assert min(int(user[1]), int(user[2])) >= 1000


@pytest.mark.parametrize("image", IMAGES)
def test_an_image_holds_what_was_built_and_nothing_to_build_with(image: str) -> None:
    """pip, compilers and lists of packages stay in the stages before."""
    assert last_stage(image)["FROM"] == "base"
    assert last_stage(image)["RUN"].startswith("useradd ")
    assert "COPY" in last_stage(image)
    assert any("pip uninstall --yes pip" in rest for _, rest in instructions(image))


@pytest.mark.parametrize("image", IMAGES)
def test_exactly_the_pinned_versions_and_the_image_s_own_extra_are_installed(image: str) -> None:
    installs = [rest for _, rest in instructions(image) if rest.startswith("pip install")]
    assert all("-c constraints.txt" in install for install in installs)
    wanted = [found for install in installs for found in re.findall(r"-e '?(\.[^' ]*)'?(?: |$)", install)]
    assert wanted == [EXTRAS[image]]


def test_torch_s_build_is_chosen_by_an_argument_and_its_version_by_the_constraints() -> None:
    for image in ("worker", "runtime"):
        assert ("ARG", "TORCH_INDEX=https://download.pytorch.org/whl/cpu") in instructions(image)
        assert "torch==" not in (DOCKER / f"{image}.Dockerfile").read_text()
    assert "TORCH_INDEX" not in (DOCKER / "web.Dockerfile").read_text()
    assert "torch==2.13.0\n" in (ROOT / "constraints.txt").read_text()


@pytest.mark.parametrize("image", IMAGES)
def test_commands_get_their_signals_themselves_and_ports_are_watched(image: str) -> None:
    """A shell in between would keep SIGTERM to itself."""
    stage = last_stage(image)
    assert json.loads(stage["CMD"])
    assert ("EXPOSE" in stage) == ("HEALTHCHECK" in stage)
    if "EXPOSE" in stage:
        assert json.loads(stage["HEALTHCHECK"].partition("CMD ")[2])[-1] == stage["EXPOSE"]


def test_the_worker_s_command_is_that_of_the_one_machine_stack() -> None:
    assert json.loads(last_stage("worker")["CMD"]) == list(plan.celery("gpu", threads=1)[1:])


def test_only_what_an_image_copies_reaches_the_builder() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert lines[1] == "*"
    admitted = {line[1:] for line in lines if line.startswith("!")}
    copied = {
        source
        for image in IMAGES
        for word, rest in instructions(image)
        if word == "COPY" and not rest.startswith("--from")
        for source in rest.split()[:-1]
    }
    assert admitted == copied


class Answer(BaseHTTPRequestHandler):
    """Ready under its public name alone, as Django's ALLOWED_HOSTS has it."""

    def do_GET(self) -> None:
        ready = self.path == "/readyz" and self.headers["Host"] == "api.example.com:8443"
        self.send_response(200 if ready else 400)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever).start()
        yield str(server.server_port)
        server.shutdown()


@pytest.mark.parametrize(("public", "status"), [("https://api.example.com:8443", 0), ("https://other.example", 1)])
def test_health_is_asked_for_under_the_public_name(
    monkeypatch: pytest.MonkeyPatch, port: str, public: str, status: int
) -> None:
    monkeypatch.setenv("LANDFALL_BASE_URL", public)
    assert run_path(str(Path(DOCKER, "healthy.py")))["main"](port) == status
