"""The bench of the transcripts serves the command tests too."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "transcripts"))
