"""Django's settings for the commands of the one-machine stack, which begin where no store is running yet."""

from embedded import place

STATE = place.default()
INSTALLED_APPS = ["embedded"]
USE_TZ = True
