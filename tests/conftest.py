"""What all tests share: the process helper of tests/cli is importable from every folder."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent / "cli"))
