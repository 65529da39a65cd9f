"""What is wrong with marks, options and what they ask for, as one line of a test's report. Knows no lab."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from typing import TypeVar

import pytest

import nbtwin
from nbtwin.engine import CodedError
from nbtwin.testing import marks
from nbtwin.testing.refusals import PluginError, PluginRefusal
from nbtwin.timeline.catalogue.errors import worded

T = TypeVar("T")


def plainly(make: Callable[[], T]) -> T:
    """What goes wrong while a test is set up is one line of its report, not a traceback of ours.

    What a real module cannot do is a reason to skip the test.
    """
    try:
        return make()
    except CodedError as error:
        said, skipped = worded(error), isinstance(error, nbtwin.NotOnRealModule)
    if skipped:
        pytest.skip(said)
    pytest.fail(said, pytrace=False)


def asked(node: pytest.Item, name: str) -> marks.Asked:
    """PluginError for a mark that cannot be read."""
    try:
        return marks.asked(node, name)
    except marks.MarkMisused as misused:
        error = misused
    where = f"@pytest.mark.{name}"
    if not error.keyword:
        raise PluginError(PluginRefusal.MARK_FORM, where, described=error.described)
    near = get_close_matches(error.keyword, error.known, 3) or None
    raise PluginError(PluginRefusal.MARK_KEYWORD, where, keyword=error.keyword, near=near, known=error.known)
