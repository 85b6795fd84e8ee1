"""No way around: settings are read in one place, tenants' rows through one manager, and data never runs as code."""

import pytest

from tests.architecture.bypasses import Rule, around_the_manager, environment, executing, findings
from tests.architecture.repository import ROOMS, ROOT, python_files

MAY_READ_THE_ENVIRONMENT = {
    "platform/config/env.py": "the typed readers themselves",
    "platform/embedded/place.py": "the one-machine stack starts before there are settings",
    "platform/embedded/launch.py": "the same: PostgreSQL's child gets a home",
    "platform/embedded/stack.py": "the same: it composes the environment of every part",
    "platform/jobs/child.py": "hands a few variables by name to the child and keeps every secret back",
    "training/engine/__main__.py": "quiets libraries that know no other switch",
}
MAY_PASS_THE_MANAGER = {
    "tenants/scoping.py": "defines the loud way",
    "tenants/services/tenants.py": "tenants are found by name before there is a context",
    "workers/clock.py": "answers kept for a day are forgotten for every tenant",
    "training/services/tidying.py": "what has expired is removed for every tenant",
    "training/services/searching.py": "searches whose time is over are ended for every tenant",
    "platform/jobs/scratch.py": "a machine's folders belong to jobs of every tenant",
    "platform/jobs/services/claims.py": "the fairest job is found among every tenant's",
    "platform/jobs/services/reconciling.py": "lost jobs are taken back for every tenant",
    "platform/webhooks/services/deliveries.py": "due deliveries are picked among every tenant's",
    "platform/console/": "staff read through a role of their own that cannot write",
}
MAY_EXECUTE: dict[str, str] = {}


@pytest.mark.parametrize(
    ("rule", "allowed"),
    [
        pytest.param(environment, MAY_READ_THE_ENVIRONMENT, id="environment"),
        pytest.param(around_the_manager, MAY_PASS_THE_MANAGER, id="manager"),
        pytest.param(executing, MAY_EXECUTE, id="code"),
    ],
)
def test_only_files_with_a_reason_go_around(rule: Rule, allowed: dict[str, str]) -> None:
    found = {
        path.as_posix(): sorted(faults)
        for path in python_files(*ROOMS)
        if (faults := findings(rule, (ROOT / path).read_text())) and not path.as_posix().startswith(tuple(allowed))
    }
    assert found == {}


CONTROLS = [
    (environment, "import os\nos.environ['X']", {"os.environ"}),
    (environment, "from os import getenv", {"os.getenv"}),
    (environment, "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'config.settings')", set()),
    (around_the_manager, "Row.objects.unscoped(using='system')", {".unscoped()"}),
    (around_the_manager, "Row.objects.using('system').all()", {".using()"}),
    (around_the_manager, "Row._base_manager.get(id=1)", {"._base_manager"}),
    (around_the_manager, "Row.objects.filter(id=1)", set()),
    (executing, "import pickle", {"pickle"}),
    (executing, "from joblib import load", {"joblib"}),
    (executing, "torch.load('x')", {"torch.load"}),
    (executing, "load(trust_remote_code=True)", {"trust_remote_code=True"}),
    (executing, "load(trust_remote_code=flag)", {"trust_remote_code=flag"}),
    (executing, "load(trust_remote_code=False)", set()),
    (executing, "eval(text)", {"eval"}),
]


@pytest.mark.parametrize(("rule", "source", "expected"), CONTROLS)
def test_a_way_around_is_seen(rule: Rule, source: str, expected: set[str]) -> None:
    assert findings(rule, source) == expected
