"""A container's health: exits with 0 where the process at a port is ready. `python healthy.py PORT`"""

import os
import sys
from http.client import HTTPConnection
from urllib.parse import urlsplit


def main(port: str) -> int:
    """Asks under the public name: the web process answers to no other."""
    public = urlsplit(os.environ.get("LANDFALL_BASE_URL", "")).netloc
    connection = HTTPConnection("127.0.0.1", int(port), timeout=4)
    connection.request("GET", "/readyz", headers={"Host": public} if public else {})
    return int(connection.getresponse().status != 200)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
