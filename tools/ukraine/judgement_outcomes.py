"""How the founding article's judgements came out, where the study's own files say so.

Judgements are no questions of the study, so ``resolutions.csv`` does not hold them. A judgement
that is absent here has no outcome: no file of the study documents one.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class JudgementOutcome:
    """Outcome of a judged event, with the file and rows that document it.

    ``key`` is ``central`` or ``strict`` where the two readings of ``outcomes.csv`` differ.
    """

    judgement: str
    outcome: Literal[0, 1]
    basis: str
    key: Literal["", "central", "strict"] = ""


OUTCOMES = (
    JudgementOutcome(
        "J01",
        1,
        "outcomes.csv: CHN->RUS on rung 2 (state and firms) in 2022-Q2 and Q3",
        "central",
    ),
    JudgementOutcome(
        "J01",
        0,
        "outcomes.csv: low reading of CHN->RUS rung 1 for the state in 2022-Q1 to Q3, then firms",
        "strict",
    ),
    JudgementOutcome("J02", 0, "resolutions.csv: Q01, a wider event of the same window, is no"),
    JudgementOutcome("J04", 0, "evidence.csv: CHN-RUS-20220302-01, abstention on ES-11/1"),
    JudgementOutcome("J08", 1, "evidence.csv: CHN-RUS-20221221-01, Joint Sea 2022"),
    JudgementOutcome("J09", 1, "evidence.csv: CHN-RUS-20220901-01, Vostok-2022"),
    JudgementOutcome("J10", 1, "evidence.csv: CHN-RUS-20220524-01, air patrol of May 2022"),
)
