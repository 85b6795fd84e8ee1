"""The real settings, pointed at the embedded servers that `tests.stores` starts before Django is set up."""

import os

from tests.stores import environment

os.environ.update(environment())

from config.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # logging in must not cost a test 0.3 s
for _database in DATABASES.values():  # noqa: F405
    if "pool" in _database["OPTIONS"]:
        _database["OPTIONS"]["pool"]["timeout"] = 30.0  # the machine is shared; no test is about this wait
