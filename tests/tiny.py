"""A study small enough to be written anew for every test, with a row of evidence to vary."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path

from forecast.evidence.check import read_record
from forecast.evidence.record import COLUMNS, Record
from forecast.study.models import Study
from forecast.study.problems import Collector, Row

STUDY_TOML = """\
format = "study/1"
id = "tiny"
title = "A tiny study"
period = "quarter"
start = "2020-Q1"
domains = ["rhetorical", "economic", "military"]
priors = ["signals-2026", "witness-2026"]
pairs = ["CHN->RUS", "RUS->CHN", "NA->RUS", "002->RUS"]
as_of = "2023-06-30"

[[actors]]
code = "CHN"
name = "China"

[[actors]]
code = "RUS"
name = "Russia"
from = "1991-12-26"

[[actors]]
code = "SUN"
name = "Soviet Union"
to = "1991-12-25"

[[actors]]
code = "NA"
name = "Namibia"

[[actors]]
code = "002"
name = "United States"

[ladder]
rungs = ["none", "rhetorical", "economic", "dual-use", "lethal", "troops"]
firms_excluded = ["rhetorical", "troops"]

[[shocks]]
id = "invasion"
date = "2022-02-24"
title = "Russia invades Ukraine"

[[at_stake]]
recipient = "RUS"
from = "2022-02-24"
known_at = "2022-02-24"
"""

INDICATORS_CSV = """\
indicator,domain,kind,levels,unit,polarity,mutual,cost,measures,theatre,definition,transform,location,scale,lagged,reference
joint_patrol,military,count,,patrol,+1,1,2,alignment,Asia-Pacific,Joint patrol,,,,,1
hosted_exercise,military,binary,,exercise,+1,0,2,alignment,bilateral,Invited and came,,,,,0
un_vote,rhetorical,ordinal,against|abstain|with,vote,+1,0,1,alignment,Ukraine,A vote,,,,,1
trade_value,economic,continuous,,bn US$,+1,0,2,alignment,bilateral,Goods trade,log,5,0.5,1,1
arms_transfer,military,count,,delivery,+1,0,3,outcome:lethal,Ukraine,Arms delivered,,,,,0
mediation,rhetorical,binary,,act,free,0,1,none,Ukraine,Kept out: speaks of neither side,,,,,0
"""

COVERAGE_CSV = """\
indicator,pairs,from,to,silence,reason
joint_patrol,CHN->RUS RUS->CHN,2020-01-01,,zero,announced by both ministries
arms_transfer,*->RUS,2022-02-24,,zero,watched by many governments
trade_value,*,2020-01-01,2021-12-31,missing,months only
"""

QUESTIONS_CSV = """\
id,title,pair,event,opens,closes,resolves_on,key,rule,not_modelled,source,note
Q1,State arms by the end of 2023?,CHN->RUS,max_rung >= lethal by state,2023-01-01,2023-12-31,truth,strict,two governments say so,,,
Q2,Two patrols in 2023?,CHN->RUS,count(joint_patrol) >= 2,2023-01-01,2023-12-31,record,central,count of announcements,,,
Q3,A pipeline contract?,CHN->RUS,,2023-01-01,2023-12-31,record,central,both firms say so,no indicator of contracts,,
"""  # noqa: E501

RESOLUTIONS_CSV = """\
question,outcome,resolved_on,known_at,source,note
Q2,yes,2023-12-14,2023-12-14,ministry,
"""

JUDGEMENTS_CSV = """\
id,title,pair,event,opens,closes,judged_on,p_low,p_mid,p_high,basis,note,not_modelled
J1,No arms,CHN->RUS,max_rung >= lethal by state,2022-02-04,2023-02-04,2022-02-04,0.01,0.03,0.06,implied,,
"""  # noqa: E501

OUTCOMES_CSV = """\
supporter,recipient,period,rung,rung_low,rung_high,rung_known,actor,first_known,disputed,basis,source,note
CHN,RUS,2022-Q1,1,1,2,1,state,2022-02-04,0,coded,press,
"""

DRIVERS_CSV = """\
supporter,recipient,period,name,value,known_at
CHN,RUS,2022-Q1,front_line,0.4,2022-04-15
"""

FILES = {
    "study.toml": STUDY_TOML,
    "indicators.csv": INDICATORS_CSV,
    "coverage.csv": COVERAGE_CSV,
    "questions.csv": QUESTIONS_CSV,
    "resolutions.csv": RESOLUTIONS_CSV,
    "judgements.csv": JUDGEMENTS_CSV,
    "outcomes.csv": OUTCOMES_CSV,
    "drivers.csv": DRIVERS_CSV,
}

PATROL = {
    "id": "E1",
    "event_date": "2022-05-24",
    "date_precision": "day",
    "known_at": "2022-05-25",
    "known_at_basis": "exact",
    "supporter": "CHN",
    "recipient": "RUS",
    "mutual": "1",
    "indicator": "joint_patrol",
    "value": "1",
    "attribution": "",
    "theatre": "Asia-Pacific",
    "source_name": "ministry",
    "source_url_or_doc": "https://example.org/patrol",
    "source_reliability": "B",
    "credibility": "1",
    "cluster": "",
    "note": "",
}

ARMS = PATROL | {
    "id": "A1",
    "mutual": "0",
    "indicator": "arms_transfer",
    "attribution": "state",
    "theatre": "Ukraine",
}


def write_study(directory: Path, **files: str) -> Path:
    """Write the study, with the text of some files replaced: ``study_toml=...``."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in FILES.items():
        replacement = files.get(name.replace(".", "_"), text)
        (directory / name).write_text(replacement, encoding="utf-8")
    return directory


def csv_text(rows: Iterable[Mapping[str, str]]) -> str:
    """Return rows of evidence as the text of a file."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def write_evidence(directory: Path, rows: Iterable[Mapping[str, str]]) -> Path:
    """Write rows of evidence into a file, and return it."""
    path = directory / "evidence.csv"
    path.write_bytes(csv_text(rows).encode())
    return path


def record(study: Study, **changes: str) -> Record:
    """Return the record of the patrol with some cells changed."""
    out = Collector("evidence.csv")
    made = read_record(Row(2, PATROL | changes), study, out)
    assert made is not None, out.problems
    return made
