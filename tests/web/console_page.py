"""What the console's tests share: a page of a real lab, and what went wrong in its scripts."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from browser import Browser
from running import Running

MODULE = "BC260Y-CN,name=meter"


def pasted(text: str) -> str:
    """The event of pasting this."""
    data = f"(() => {{ const d = new DataTransfer(); d.setData('text', {text!r}); return d }})()"
    return f"new ClipboardEvent('paste', {{ clipboardData: {data}, bubbles: true, cancelable: true }})"


class Page(Browser):
    """The console in one window, and the API behind it for what a test arranges."""

    def __init__(
        self, url: str, width: int = 1440, height: int = 1000, *, dark: bool = False, opened: str = "#link.good"
    ) -> None:
        super().__init__(width, height, dark=dark)
        self.url = url
        self.api = httpx.Client(base_url=f"{url}/api/v1", timeout=110)  # a month of a dozen modules, on a busy machine
        self.open(url)
        self.wait_until(f"document.querySelector({opened!r})")

    def go(self, address: str) -> None:
        """To another page of the console, until that is drawn."""
        self.run(f"location.hash = {address!r}")
        self.wait_until(f"document.querySelector('[data-page={json.dumps(address.partition('?')[0])}]')")

    def wait_for(self, css: str, text: str = "") -> None:
        self.wait_until(f"document.querySelector({css!r})?.innerText.includes({text!r})")

    def post(self, path: str, **body: Any) -> Any:
        answer = self.api.post(path, json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def script_errors(self) -> list[str]:
        """What the scripts of the page have failed with so far; refused requests are not among them."""
        said = self._call("POST", "/se/log", {"type": "browser"})
        return [line["message"] for line in said if line["source"] in ("javascript", "console-api", "security")]

    def close(self) -> None:
        self.api.close()


@contextmanager
def console(state: Path, *asked: str, width: int = 1440, height: int = 1000, dark: bool = False) -> Iterator[Page]:
    """A lab of its own, and its console."""
    with (
        Running("up", *asked, "--http", "127.0.0.1:0", state=state) as lab,
        Page(lab.console(), width, height, dark=dark) as page,
    ):
        try:
            yield page
        finally:
            page.close()
