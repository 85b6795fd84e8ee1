"""Who may enter the console, and what nobody may do there."""

from django.test import Client, RequestFactory

from console.site import site
from tenants.models import User
from tests.conftest import Person
from tests.console.conftest import PASSWORD, label, logged_in
from tests.console.furniture import Room

PAGES = ["/console/", *map(label, site._registry)]


def test_a_stranger_is_sent_to_the_login_page_from_everywhere(database: None) -> None:
    for page in PAGES:
        answer = Client().get(page)
        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/console/login/"), page


def test_an_api_key_opens_nothing(alice: Person) -> None:
    assert {alice.get(page).status_code for page in PAGES} == {302}


def test_the_login_page_says_whose_it_is(database: None) -> None:
    answer = Client().get("/console/login/")
    assert answer.status_code == 200
    assert "Landfall" in answer.content.decode()


def test_a_user_who_is_no_staff_does_not_get_in(database: None) -> None:
    client = logged_in("guest@landfall.example")
    assert client.get("/console/").status_code == 302


def test_staff_who_were_deactivated_are_out_at_once(staff: Client) -> None:
    assert staff.get("/console/").status_code == 200
    User.objects.update(is_active=False)
    assert staff.get("/console/").status_code == 302


def test_staff_read_every_page(staff: Client, acmes: Room, globexes: Room) -> None:
    answers = {page: staff.get(page).status_code for page in PAGES if page != label(User)}
    assert answers == dict.fromkeys(answers, 200)


def test_only_a_superuser_manages_staff(staff: Client, superuser: Client) -> None:
    assert staff.get("/console/tenants/user/").status_code == 403
    assert "/console/tenants/user/" not in staff.get("/console/").content.decode()
    assert superuser.get("/console/tenants/user/").status_code == 200
    assert "/console/tenants/user/" in superuser.get("/console/").content.decode()


def test_a_superuser_takes_on_staff_who_can_then_log_in(superuser: Client) -> None:
    new = {"email": "New@landfall.example", "password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    assert superuser.post("/console/tenants/user/add/", new).status_code == 302
    answer = Client().post("/console/login/", {"username": "new@landfall.example", "password": PASSWORD})
    assert answer.status_code == 302


def test_nobody_changes_a_tenants_things_here(superuser: Client, acmes: Room) -> None:
    refused = []
    for model in site._registry:
        if model is not User:
            row = site._registry[model].get_queryset(RequestFactory().get("/")).first()
            refused += [f"{label(model)}add/", f"{label(model)}{row.pk}/delete/", f"{label(model)}{row.pk}/change/"]
    answers = {path: superuser.post(path, {"name": "changed", "post": "yes"}).status_code for path in refused}
    assert answers == dict.fromkeys(refused, 403)
