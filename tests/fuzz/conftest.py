"""The bench of the transcripts and the values of the command tests serve the fuzz targets too."""

import sys
from pathlib import Path

sys.path += [str(Path(__file__).parent.parent / folder) for folder in ("transcripts", "commands")]
