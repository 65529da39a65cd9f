"""What all tests share: the helpers of tests/cli and tests/web are importable from every folder."""

import sys
from pathlib import Path

sys.path += [str(Path(__file__).parent / folder) for folder in ("cli", "web")]
