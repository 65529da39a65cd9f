"""What the plugin says to who runs tests: a mark or an option that cannot be. Codes; the catalogue words them."""

from __future__ import annotations

from nbtwin.engine import Refusal
from nbtwin.timeline.catalogue.errors import WordedError


class PluginRefusal(Refusal):
    """What is wrong with a mark, an option, or with both together."""

    MARK_KEYWORD = "testing-mark-keyword"  # mark, keyword, near, known
    MARK_FORM = "testing-mark-form"  # mark, described
    PORT_WORKERS = "testing-port-workers"  # count
    PORT_LIVE = "testing-port-live"
    URL_ALONE = "testing-url-alone"
    BAUD_ALONE = "testing-baud-alone"
    SCENARIO_UNREADABLE = "testing-scenario-unreadable"  # file, detail
    SCENARIO_MARK_MISSING = "testing-scenario-mark-missing"
    SCENARIO_BESIDE = "testing-scenario-beside"  # mark
    SCENARIO_SIMULATED = "testing-scenario-simulated"  # option


class PluginError(WordedError):
    """One line for who wrote the test or the command line."""
