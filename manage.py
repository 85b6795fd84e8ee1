#!/usr/bin/env python
"""Django's command line. The commands of the one-machine stack run before there is a database to be told of."""

import os
import sys

from django.core.management import execute_from_command_line

ONE_MACHINE = {"up", "down", "logs", "demo"}

if __name__ == "__main__":
    module = "embedded.settings" if ONE_MACHINE.intersection(sys.argv[1:2]) else "config.settings"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", module)
    execute_from_command_line(sys.argv)
