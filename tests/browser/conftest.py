"""The web process as it runs, and a real Chromium that tells of every request it makes."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_S = 30


@pytest.fixture(scope="session")
def served(migrated: None) -> Iterator[str]:
    """The base URL of a web process on the tests' database."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "uvicorn", "config.onebox:app", "--port", str(port), "--log-level", "warning"]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "LANDFALL_BASE_URL": url})
    try:
        _wait_for(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=START_S)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        assert process.poll() is None, "the web process ended"
        try:
            if httpx.get(f"{url}/livez").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError("the web process does not answer")


@pytest.fixture
def chromium(database: None) -> Iterator[Browser]:
    """Playwright keeps an event loop running beside the test, in which Django refuses to speak to the database: what
    a test needs there is made by fixtures that come before, and the browser is closed before they are undone."""
    found = shutil.which("chromium")
    if found is None:
        pytest.skip("there is no chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=QUIET)
        yield browser
        browser.close()


@dataclass
class Visit:
    """A page and what went wrong on it. `outside` are requests to any other host than the one it came from."""

    page: Page
    base: str
    outside: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    def on_request(self, request: Request) -> None:
        if urlsplit(request.url).scheme != "data" and not request.url.startswith(self.base):
            self.outside.append(request.url)

    def on_response(self, response: Response) -> None:
        if response.status >= 400:
            self.troubles.append(f"{response.status} {response.url}")

    def on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.troubles.append(message.text)

    def go(self, path: str) -> Page:
        self.page.goto(self.base + path, wait_until="load")
        return self.page


@pytest.fixture
def visit(served: str, chromium: Browser) -> Iterator[Visit]:
    page = chromium.new_page(viewport={"width": 1440, "height": 900})
    visit = Visit(page=page, base=served)
    page.on("request", visit.on_request)
    page.on("response", visit.on_response)
    page.on("console", visit.on_console)
    page.on("pageerror", lambda error: visit.troubles.append(str(error)))
    yield visit
    page.close()
