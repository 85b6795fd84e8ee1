"""The console in a real browser: logging in, looking round, and not one request to anybody else."""

import pytest

from console.site import site
from tenants.models import User
from tests.browser.conftest import Visit
from tests.console.conftest import PASSWORD, acmes, globexes, label
from tests.console.furniture import Room

__all__ = ["acmes", "globexes"]

EMAIL = "chief@landfall.example"


@pytest.fixture
def furnished(acmes: Room, globexes: Room) -> None:
    """Two tenants' things, and somebody to look at them."""
    User.objects.create_superuser(EMAIL, PASSWORD)


@pytest.fixture
def inside(furnished: None, visit: Visit) -> Visit:
    """Logged in, on the overview."""
    page = visit.go("/console/")
    page.fill("#id_username", EMAIL)
    page.fill("#id_password", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url(f"{visit.base}/console/")
    return visit


def test_a_wrong_password_stays_outside_and_says_so(visit: Visit) -> None:
    page = visit.go("/console/")
    page.fill("#id_username", EMAIL)
    page.fill("#id_password", "wrong")
    page.click("button[type=submit]")
    assert page.get_by_text("Please enter the correct email").is_visible()


def test_every_page_is_whole_and_served_by_ourselves_alone(inside: Visit) -> None:
    inside.go("/console/")
    for model in site._registry:
        page = inside.go(label(model))
        if page.locator("#result_list tbody th a").count():
            page.locator("#result_list tbody th a").first.click()
            page.wait_for_load_state("load")
            assert page.url.endswith("/change/")
    assert inside.outside == []
    assert inside.troubles == []


def test_the_overview_shows_figures_bars_and_both_tenants(inside: Visit) -> None:
    page = inside.go("/console/")
    assert page.locator(".lf-figure").count() == 5
    assert page.locator(".lf-day").count() == 14
    for name in ("Acme", "Globex"):
        assert page.get_by_role("cell", name=name, exact=True).first.is_visible()


def test_a_list_narrows_to_one_tenant(inside: Visit) -> None:
    page = inside.go("/console/webhooks/webhookendpoint/")
    assert page.get_by_text("Globex's receiver").is_visible()
    page.get_by_text("Filters").first.click()
    page.get_by_role("link", name="Acme", exact=True).click()
    page.wait_for_load_state("load")
    assert page.get_by_text("Acme's receiver").is_visible()
    assert page.get_by_text("Globex's receiver").count() == 0
