"""`python -m qaf_rules` is `qaf`."""

import sys

from qaf_rules.cli import main

if __name__ == "__main__":
    sys.exit(main())
