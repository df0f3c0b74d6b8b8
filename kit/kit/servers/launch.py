"""Becomes another program, one that dies when the process that started it does.

Run as a script, `python -I -S launch.py PARENT SIGNAL command...`: the wish is set after every change of
user, which would clear it, and just before the exec, which keeps it.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    parent, signal, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0)
        if os.getppid() != parent:  # it died before the wish was heard
            sys.exit(1)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
