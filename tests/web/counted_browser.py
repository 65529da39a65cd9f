"""A browser that counts what its user does: clicks, keystrokes and pages that are opened by their address."""

from __future__ import annotations

import json
from dataclasses import dataclass

from browser import Browser

KEYS = {"Enter": "\ue007", "Escape": "\ue00c", "Control": "\ue009", "Tab": "\ue004"}


@dataclass
class Actions:
    """An address that is opened counts one, not the letters of it: it is a bookmark or a link."""

    pages: int = 0
    clicks: int = 0
    keys: int = 0

    @property
    def all(self) -> int:
        return self.pages + self.clicks + self.keys

    def __str__(self) -> str:
        return f"{self.all} ({self.pages} page, {self.clicks} clicks, {self.keys} keys)"


class Counted:
    """What a user does at one browser's window; looking costs nothing."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.done = Actions()

    def opens(self, url: str) -> None:
        self.browser.open(url)
        self.done.pages += 1

    def clicks(self, css: str, text: str = "") -> None:
        """The first element that is shown, among those with this text where one is given."""
        while not self._clicked(css, text):
            pass  # it was drawn anew in between
        self.done.clicks += 1

    def _clicked(self, css: str, text: str) -> bool:
        self.browser.wait_until(_found(css, text))
        try:
            self.browser.click("[data-counted]")
        except AssertionError as error:
            if "stale element" not in str(error) and "[data-counted]" not in str(error):
                raise
            return False
        return True

    def types(self, css: str, text: str) -> None:
        """Into a field that has the focus or is clicked before."""
        self.browser.wait_until(_found(css, ""))
        self.browser.type("[data-counted]", text)
        self.done.keys += len(text)

    def chooses(self, css: str, text: str) -> None:
        """One of a list of choices: it is opened and the choice is clicked."""
        self.browser.wait_until(_found(f"{css} option", text))
        self.browser.click("[data-counted]")
        self.done.clicks += 2

    def presses(self, key: str) -> None:
        """A key of the page's own, or of `KEYS`."""
        self.browser.type("body", KEYS.get(key, key))
        self.done.keys += 1

    def sees(self, css: str, text: str = "") -> None:
        self.browser.wait_until(_found(css, text))


def _found(css: str, text: str) -> str:
    """Marks the element, so that WebDriver finds it by an attribute."""
    return f"""((css, text) => {{
        for (const old of document.querySelectorAll("[data-counted]")) old.removeAttribute("data-counted");
        const shown = (e) => e.tagName === "OPTION" || (e.getClientRects().length > 0 && !e.disabled);
        const fits = (e) => shown(e) && (e.innerText || e.value || "").includes(text);
        const all = [...document.querySelectorAll(css)].filter(fits);
        const one = all.find((e) => (e.innerText || e.value || "").trim() === text) ?? all[0];
        one?.setAttribute("data-counted", "");
        return Boolean(one);
    }})({json.dumps(css)}, {json.dumps(text)})"""
