"""The bench of the transcripts serves the tests of the profiles too."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "transcripts"))
