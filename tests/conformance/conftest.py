"""The benches of the neighbouring folders are importable here."""

import sys
from pathlib import Path

sys.path += [str(Path(__file__).parents[1] / folder) for folder in ("coap", "lwm2m", "foreign")]
