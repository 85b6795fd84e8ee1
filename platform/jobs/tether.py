"""The last step before a job's child begins: caps set, tied to its worker's life, then `exec`.

Run as a script in an isolated interpreter (some 15 ms): `preexec_fn` is unsafe in a process with threads. Linux does
the tying (PR_SET_PDEATHSIG, prctl(2)); it follows the parent *thread*, so the thread that starts a child outlives it.
"""

import ctypes
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main(arguments: list[str]) -> None:
    """`PARENT FILE_BYTES -- PROGRAM ARGUMENT...`"""
    parent, file_bytes, _, *argv = arguments
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold a tenant's data
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(file_bytes), int(file_bytes)))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != int(parent):
        raise SystemExit("The worker ended before its child began.")
    os.execv(argv[0], argv)  # noqa: S606  (no shell is wanted)


if __name__ == "__main__":
    main(sys.argv[1:])
