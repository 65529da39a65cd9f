"""The models, one row each. ``profile(name)`` finds one as a user types it; UnknownModel lists them all."""

from __future__ import annotations

from nbtwin.module.profile import Models
from nbtwin.profiles.doc_c import BC260Y_CN

PROFILES = Models((BC260Y_CN,))
profile = PROFILES.find
