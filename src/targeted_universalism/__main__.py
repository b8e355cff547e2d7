"""``python -m targeted_universalism``: the command ``tu``, wherever it is not on the path."""

import sys

from targeted_universalism.command import main

if __name__ == "__main__":
    sys.exit(main())
