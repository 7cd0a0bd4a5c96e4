"""The files of a blank study: a complete small example to be overwritten."""

from __future__ import annotations

from typing import Final

STUDY: Final = """\
# What this study is about. `forecast check .` lists whatever is wrong, with the line.
format = "study/1"
id = "{id}"
title = "Will Aland materially support Bland?"
period = "quarter"                # month, quarter or year
start = "2020-Q1"
domains = ["military"]
priors = ["signals-2026", "witness-2026"]
# SUPPORTER->RECIPIENT; an indicator that counts in both directions needs both pairs.
pairs = ["AAA->BBB", "BBB->AAA"]

[[actors]]
code = "AAA"
name = "Aland"

[[actors]]
code = "BBB"
name = "Bland"

[ladder]
rungs = ["none", "rhetorical", "economic", "dual-use", "lethal", "troops"]
firms_excluded = ["rhetorical", "troops"]   # rungs that only a state can reach

# Since when support to whom is at stake; leave out `to` while it lasts.
[[at_stake]]
recipient = "BBB"
from = "2022-01-01"
known_at = "2022-01-01"
"""

INDICATORS: Final = """\
indicator,domain,kind,levels,unit,polarity,mutual,cost,measures,theatre,definition,reference
joint_exercise,military,count,,exercises,+1,1,2,alignment,bilateral,A field or naval exercise of both armed forces,1
arms_delivery,military,binary,,report,+1,0,3,outcome:lethal,,A report that arms were delivered,0
"""

COVERAGE: Final = """\
indicator,pairs,from,to,silence,reason
joint_exercise,*,2020-01-01,,zero,Both ministries announce every exercise
"""

QUESTIONS: Final = """\
id,title,pair,event,opens,closes,resolves_on,key,rule,not_modelled,source,note
Q01,Will the state of Aland give arms to Bland by the end of 2027?,AAA->BBB,max_rung >= lethal by state,2026-01-01,2027-12-31,truth,central,Resolves YES on an official record of a delivery,,,
"""

RESOLUTIONS: Final = "question,outcome,resolved_on,known_at,source,note\n"

EVIDENCE: Final = (
    "id,event_date,date_precision,known_at,known_at_basis,supporter,recipient,mutual,indicator,"
    "value,attribution,theatre,source_name,source_url_or_doc,source_reliability,credibility,"
    "cluster,note\n"
)

README: Final = """\
# {id}

Say here how the evidence was coded, by whom and from what, and what its sources' terms are.

    forecast check .                            # everything that is wrong, with file and line
    forecast evidence import . evidence.csv     # take records into the ledger
    forecast run .                              # fit, forecast, report
"""


def files(identifier: str) -> dict[str, str]:
    """Return the files of a blank study of this id: name and content."""
    return {
        "study.toml": STUDY.format(id=identifier),
        "indicators.csv": INDICATORS,
        "coverage.csv": COVERAGE,
        "questions.csv": QUESTIONS,
        "resolutions.csv": RESOLUTIONS,
        "evidence.csv": EVIDENCE,
        "README.md": README.format(id=identifier),
    }
