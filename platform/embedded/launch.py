"""The last step before `exec`: give up root, die with the parent, then become the program.

Run as a script in an isolated interpreter (`python -I -S launch.py ...`, some 15 ms), because `preexec_fn` is unsafe
in a process with threads. Linux does the dying (PR_SET_PDEATHSIG, prctl(2)); elsewhere only an orderly stop cleans up.
"""

import ctypes
import os
import pwd
import sys

PR_SET_PDEATHSIG, PR_SET_KEEPCAPS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 1, 8, 47, 2  # linux/prctl.h
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2  # linux/capability.h
CAPABILITY_VERSION = 0x20080522


def main(arguments: list[str]) -> None:
    """`PARENT SIGNAL ACCOUNT REACH -- PROGRAM ARGUMENT...`; ACCOUNT and REACH may be `-`."""
    parent, death_signal, account, reach, _, *argv = arguments
    if account != "-":
        become(account, keep_reach=reach == "reach")
    if sys.platform == "linux":
        # After the change of user, which clears it.
        prctl(PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != int(parent):
            raise SystemExit("The parent ended before this part began.")
    try:
        os.execv(argv[0], argv)  # noqa: S606  (no shell is wanted)
    except OSError as error:
        raise SystemExit(f"{argv[0]} cannot be run: {error.strerror}.") from error


def outlive_parent() -> None:
    """Undoes the tie, once a process shall stay in the background."""
    if sys.platform == "linux":
        prctl(PR_SET_PDEATHSIG, 0)


def become(account: str, *, keep_reach: bool) -> None:
    """Root becomes `account` for good. `keep_reach` keeps one right: to pass through folders closed to others.

    A checkout below /root is closed to every other account; loosening the administrator's folders would be worse.
    """
    entry = pwd.getpwnam(account)
    if keep_reach:
        prctl(PR_SET_KEEPCAPS, 1)
    os.setgroups([])
    os.setresgid(entry.pw_gid, entry.pw_gid, entry.pw_gid)
    os.setresuid(entry.pw_uid, entry.pw_uid, entry.pw_uid)
    if keep_reach:
        keep_one_capability()
    os.environ["HOME"] = "/"


def keep_one_capability() -> None:
    """Reading and searching suffices; some containers grant root only the wider right."""
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    sets = (ctypes.c_uint32 * 6)()  # (effective, permitted, inheritable) of capabilities 0-31, then of 32-63
    check(libc().capget(header, sets), "capget")
    kept = next((cap for cap in (CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE) if sets[1] & (1 << cap)), None)
    bits = 0 if kept is None else 1 << kept
    check(libc().capset(header, (ctypes.c_uint32 * 6)(bits, bits, bits, 0, 0, 0)), "capset")
    if kept is not None:
        prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, kept)


def prctl(option: int, *arguments: int) -> None:
    padded = [*arguments, 0, 0, 0, 0][:4]
    check(libc().prctl(option, *(ctypes.c_ulong(argument) for argument in padded)), "prctl")


def libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def check(result: int, call: str) -> None:
    if result != 0:
        raise SystemExit(f"{call}: {os.strerror(ctypes.get_errno())}")


if __name__ == "__main__":
    main(sys.argv[1:])
