"""The report as a person opens it: from a file, without a network, on a wide screen and on a narrow one."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import QUIET
from tests.engine.findings import made
from tests.engine.test_report import HOSTILE
from training.engine.report.write import write_report

MANY = tuple(f"balance_not_updated_after_bank_transfer_{index}" for index in range(77))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET)
        yield browser
        browser.close()


@pytest.mark.parametrize("labels", [HOSTILE, MANY], ids=["hostile", "many"])
def test_a_report_opens_without_error_asks_for_nothing_and_fits(
    chromium: Browser, tmp_path: Path, labels: tuple[str, ...]
) -> None:
    write_report(tmp_path, made(labels), hub=None)
    tab = chromium.new_page()
    asked: list[str] = []
    troubles: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("console", lambda message: troubles.append(message.text))
    tab.on("pageerror", lambda error: troubles.append(str(error)))
    tab.on("dialog", lambda dialog: troubles.append(dialog.message))
    address = (tmp_path / "report.html").as_uri()
    tab.goto(address, wait_until="load")
    assert tab.locator("h1").inner_text().startswith("The model reaches")
    for width in (1280, 390):
        tab.set_viewport_size({"width": width, "height": 900})
        assert tab.evaluate("document.documentElement.scrollWidth") <= width, "the page scrolls sideways"
        drawings = tab.locator("svg").all()
        assert len(drawings) == 5
        for drawing in drawings:
            heights = drawing.locator("text").evaluate_all("all => all.map(one => one.getBoundingClientRect().height)")
            assert min(heights) > 7, "letters too small to read"
    assert [url for url in asked if not url.startswith("data:")] == [address]
    assert troubles == []
    tab.close()
