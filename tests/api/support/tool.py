"""What tools run by hand begin with: the program they are about, and an orderly end when they are told to stop."""

import os
import signal
import sys


def leave(number, _):
    """In order, so that nothing is left running; whoever asks twice waits as well."""
    signal.signal(number, signal.SIG_IGN)
    sys.exit(128 + number)


def begin_with(binary, builder):
    signal.signal(signal.SIGTERM, leave)
    if not os.access(binary, os.X_OK):
        raise SystemExit(f"{binary} is not there; {builder} builds it")
    os.environ["WALL_TEST_PROGRAM"] = binary
