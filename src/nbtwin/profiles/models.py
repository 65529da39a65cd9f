"""The eleven models, in the order of their documents. ``profile(name)`` finds one as a user types it."""

from __future__ import annotations

from nbtwin.module.profile import Models
from nbtwin.profiles import doc_a, doc_b, doc_c, doc_d, doc_e

PROFILES = Models(
    (
        doc_a.BC35_G,
        doc_e.BC28,  # DOC-A's too
        doc_a.BC95_R2,
        doc_b.BC26,
        doc_b.BC20,
        doc_c.BC260Y_CN,
        doc_d.BC25,
        doc_d.BC25_B5,
        doc_d.BC25_B8,
        doc_d.BC32,
        doc_d.BC32_B8,
    )
)
profile = PROFILES.find
"""By name; raises UnknownModel, whose message lists the models."""
