"""``python -m simsrv``."""

from ._command import main

main()
