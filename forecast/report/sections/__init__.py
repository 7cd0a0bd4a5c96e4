"""The sections of a report, in the order in which a reader needs them."""

from __future__ import annotations

from forecast.report.blocks import Section
from forecast.report.content import ReportData
from forecast.report.sections.alignment import alignment, asymmetry
from forecast.report.sections.expert import face_validity, judgements
from forecast.report.sections.headline import headline
from forecast.report.sections.indicators import fitted, loadings
from forecast.report.sections.ladder import ladder
from forecast.report.sections.method import (
    diagnostics,
    freshness,
    how_good,
    method,
    reproduce,
)
from forecast.report.sections.questions import questions
from forecast.report.sections.reasons import what_changed, what_moved, what_would_change
from forecast.report.sections.records import unused
from forecast.report.sections.sign_offs import sign_offs

__all__ = ["build_sections", "headline"]


def build_sections(data: ReportData) -> tuple[Section, ...]:
    """Return every section of the report; one that cannot be made says why in its place.

    The section of sign-offs alone is absent where there is none.
    """
    makers = (
        questions,
        sign_offs,
        what_changed,
        ladder,
        alignment,
        what_moved,
        what_would_change,
        asymmetry,
        loadings,
        fitted,
        judgements,
        face_validity,
        unused,
        how_good,
        method,
        diagnostics,
        freshness,
        reproduce,
    )
    made = (make(data) for make in makers)
    return tuple(section for section in made if section is not None)
