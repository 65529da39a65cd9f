"""The first view of the console, measured: `python tests/web/console_first_view.py`. How long until the overview is
drawn, and how many bytes cross the wire for it, on a first and on a second visit.
"""

import json
import statistics
import sys
import tempfile
from pathlib import Path

sys.path += [str(Path(__file__).parent), str(Path(__file__).parents[1] / "cli")]

from console_page import Page, console

ROUNDS = 5
DRAWN = "document.querySelector('.chart canvas') && document.querySelector('#modules')"
SENT = """return JSON.stringify(performance.getEntriesByType('resource').filter((one) => !one.name.includes('/api/'))
    .map((one) => [one.name.includes('.js') ? 'script' : 'other', one.transferSize && one.encodedBodySize]))"""


def visit(page: Page, *, cold: bool) -> tuple[float, int, int]:
    """Milliseconds until the overview is drawn, bytes of script, all bytes of files."""
    page.open("about:blank")
    if cold:
        page._call("POST", "/goog/cdp/execute", {"cmd": "Network.clearBrowserCache", "params": {}})
    page.open(page.url)
    page.wait_until(DRAWN)
    took = float(page.run("return performance.now()"))
    sent = json.loads(page.run(SENT))
    return took, sum(size for kind, size in sent if kind == "script"), sum(size for _, size in sent)


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as state,
        console(Path(state), "--module", "BC260Y-CN,name=meter", "--ports", "cmdmp=0") as page,
    ):
        for name, cold in (("first", True), ("second", False)):
            rounds = [visit(page, cold=cold) for _ in range(ROUNDS)]
            took = statistics.median(one[0] for one in rounds)
            _, script, everything = rounds[-1]
            print(
                f"{name} visit: {took:.0f} ms (median of {ROUNDS}), {script:,} bytes of script, {everything:,} in all"
            )


if __name__ == "__main__":
    main()
