"""A real Chromium, driven over the W3C WebDriver protocol with plain HTTP: no package of ours needs to know it."""

import base64
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any, Self

import httpx

PATIENCE = 60.0
_SHORTEST, _LONGEST = 0.002, 0.03
"""Seconds between two looks at a page: whoever looks all the time takes the processor from what is waited for."""
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # W3C WebDriver 12.1: the key of an element reference

_CLICK = """(css) => {
  const it = document.querySelector(css);
  if (!it || it.disabled) return false;
  if (it.tagName === 'OPTION') {
    it.selected = true;
    for (const told of ['input', 'change']) it.closest('select').dispatchEvent(new Event(told, { bubbles: true }));
    return true;
  }
  it.scrollIntoView({ behavior: 'instant', block: 'nearest', inline: 'nearest' });
  const box = it.getClientRects()[0];
  if (!box) return false;
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  const there = document.elementFromPoint(x, y);
  if (!there || !it.contains(there)) return false;
  const told = (kind, event = MouseEvent) => there.dispatchEvent(new event(kind, {
    bubbles: true, cancelable: true, composed: true, view: window, clientX: x, clientY: y, button: 0, detail: 1 }));
  told('pointerdown', PointerEvent);
  if (told('mousedown')) {
    const able = there.closest('a[href], button, input, select, textarea, summary, [tabindex]');
    if (able) able.focus({ preventScroll: true }); else document.activeElement?.blur();
  }
  told('pointerup', PointerEvent);
  told('mouseup');
  told('click');
  return true;
}"""


def available() -> bool:
    return shutil.which("chromedriver") is not None and shutil.which("chromium") is not None


class StaleElement(AssertionError):
    """W3C WebDriver 6.6: it is not in the page any more."""


class Browser:
    """One window. Waits are for what the page shows, never for the clock alone."""

    def __init__(self, width: int = 1440, height: int = 1000, *, dark: bool = False) -> None:
        self._driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, text=True)
        assert self._driver.stdout is not None
        port = next(line.split()[-1].rstrip(".") for line in self._driver.stdout if "started successfully" in line)
        arguments = ["--headless", "--no-sandbox", "--disable-gpu", f"--window-size={width},{height}"]
        arguments += ["--blink-settings=preferredColorScheme=0"] if dark else []
        capabilities = {"alwaysMatch": {"goog:chromeOptions": {"args": arguments}}}
        self._http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE)
        self._session = ""
        self._session = "/session/" + self._call("POST", "/session", {"capabilities": capabilities})["sessionId"]

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = self._http.request(method, self._session + path, json=body).json()["value"]
        if isinstance(answer, dict) and "error" in answer:
            stale = answer["error"] == "stale element reference"
            raise (StaleElement if stale else AssertionError)(answer["message"])
        return answer

    def open(self, url: str) -> None:
        self._call("POST", "/url", {"url": url})

    def run(self, script: str) -> Any:
        return self._call("POST", "/execute/sync", {"script": script, "args": []})

    def wait_until(self, condition: str) -> Any:
        """Until the JavaScript expression is true; what it was then. What is drawn anew just now is not there."""
        until, pause = time.monotonic() + PATIENCE, _SHORTEST
        asked = f"try {{ return {condition} }} catch (e) {{ if (!(e instanceof TypeError)) throw e }}"
        while not (value := self.run(asked)):
            assert time.monotonic() < until, f"the page never came to {condition}:\n{self.text('body')}"
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST)
        return value

    def text(self, css: str) -> str:
        return str(self.run(f"return document.querySelector({css!r}).innerText"))

    def click(self, css: str) -> None:
        """Once it is enabled and nothing lies on it. WebDriver would find where it is first and press there later: what
        is drawn between moves it, and something else is pressed, or nothing."""
        self.wait_until(f"({_CLICK})({css!r})")

    def type(self, css: str, text: str) -> None:
        self._with(css, "value", {"text": text})

    def press(self, found: str, done: str = "click()") -> None:
        """What this expression finds, once it is there and enabled; pressed at once: no drawing between."""
        able = f"const it = {found}; if (!it || it.disabled) return false"
        self.wait_until(f"(() => {{ {able}; it.{done}; return true }})()")

    def choose(self, css: str, value: str, event: str = "change") -> None:
        """Put this into a field, or choose it of a list, once it is there, enabled and has it; no drawing between."""
        able = f"const it = document.querySelector({css!r}); if (!it || it.disabled) return false"
        put = f"it.value = {value!r}; if (it.value !== {value!r}) return false"
        told = f"it.dispatchEvent(new Event({event!r}, {{ bubbles: true }}))"
        self.wait_until(f"(() => {{ {able}; {put}; {told}; return true }})()")

    def keys(self, *pressed: str) -> None:
        """To whatever has the focus. The first of several is held while the others are pressed when it is Control."""
        held = pressed[0] if pressed[0] == "\ue009" else None
        steps = [("keyDown", held)] if held else []
        for key in pressed[1:] if held else pressed:
            steps += [("keyDown", key), ("keyUp", key)]
        steps += [("keyUp", held)] if held else []
        actions = [{"type": kind, "value": key} for kind, key in steps]
        self._call("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def block(self, *addresses: str) -> None:
        """From now on these cannot be fetched, and nothing is taken from the cache; without any: all can."""
        for command, params in (
            ("Network.enable", {}),
            ("Network.setCacheDisabled", {"cacheDisabled": bool(addresses)}),
            ("Network.setBlockedURLs", {"urls": list(addresses)}),
        ):
            self._call("POST", "/goog/cdp/execute", {"cmd": command, "params": params})

    def select(self, css: str) -> None:
        """The text in a field, so that what is typed next takes its place."""
        self._find(css)
        self.run(f"document.querySelector({css!r}).select()")

    def _with(self, css: str, act: str, body: dict[str, Any]) -> None:
        """One that was drawn anew since it was found is looked for again."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                self._call("POST", f"/element/{self._find(css)}/{act}", body)
                return
            except StaleElement:
                assert time.monotonic() < until, f"{css} is drawn anew all the time"

    def _find(self, css: str) -> str:
        self.wait_until(f"document.querySelector({css!r})")
        found = self._call("POST", "/element", {"using": "css selector", "value": css})
        return str(found[_ELEMENT])

    def resize(self, width: int, height: int) -> None:
        self._call("POST", "/window/rect", {"width": width, "height": height})

    def emulate(self, *, reduced_motion: bool) -> None:
        """As if the system were set so: nothing moves, and colours are at once what they become."""
        features = [{"name": "prefers-reduced-motion", "value": "reduce" if reduced_motion else ""}]
        asked = {"cmd": "Emulation.setEmulatedMedia", "params": {"features": features}}
        self._call("POST", "/goog/cdp/execute", asked)

    def screenshot(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self._call("GET", "/screenshot")))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.delete(self._session)
        self._http.close()
        self._driver.terminate()
        self._driver.wait(PATIENCE)
        assert self._driver.stdout is not None
        self._driver.stdout.close()
