"""The command ``simsrv``."""

import os
import signal
import sys


def main() -> None:
    """Run the command line and exit with its code."""
    from . import _native

    # The command has its own handler of Ctrl-C, and a closed pipe ends it quietly.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    code = _native.command(["simsrv", *sys.argv[1:]])
    if sys.stdout is not None:  # it may have been closed before
        sys.stdout.flush()
    os._exit(code)
