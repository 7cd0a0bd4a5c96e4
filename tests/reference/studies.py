"""Two small studies by the month and by the year, made to reach every equation of the model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.tiny import QUESTIONS_CSV, RESOLUTIONS_CSV, write_evidence

# No question is asked of these studies, but the files of a study have to exist.
UNASKED = {
    "questions.csv": QUESTIONS_CSV.partition("\n")[0] + "\n",
    "resolutions.csv": RESOLUTIONS_CSV.partition("\n")[0] + "\n",
}

MONTHLY = {
    "study.toml": """\
format = "study/1"
id = "monthly"
title = "A study by the month"
period = "month"
start = "2022-03"
domains = ["words", "trade", "arms"]
priors = ["signals-2026", "witness-2026"]
pairs = ["IRN->RUS", "CHN->IRN", "CHN->RUS", "RUS->CHN", "RUS->IRN", "PRK->BLR"]
actors = [
    { code = "IRN", name = "Iran" },
    { code = "RUS", name = "Russia" },
    { code = "CHN", name = "China" },
    { code = "PRK", name = "North Korea" },
    { code = "BLR", name = "Belarus" },
]
shocks = [
    { id = "later", date = "2023-05-21", title = "After the as-of date" },
    { id = "middle", date = "2022-09-21", title = "In the middle of a month" },
    { id = "winter", date = "2021-12-05", title = "Before the first month" },
]
# The second span of Russia is open, that of Iran ends after the as-of date, and that of China is
# not known yet. The span of Belarus is over before the study begins.
at_stake = [
    { recipient = "RUS", from = "2022-05-10", to = "2022-08-15", known_at = "2022-05-20" },
    { recipient = "IRN", from = "2023-01-10", to = "2023-12-31", known_at = "2023-02-01" },
    { recipient = "RUS", from = "2022-10-05", known_at = "2022-11-01" },
    { recipient = "CHN", from = "2022-10-05", known_at = "2023-06-01" },
    { recipient = "BLR", from = "2021-01-01", to = "2021-12-31", known_at = "2021-01-01" },
]

[ladder]
rungs = ["none", "rhetorical", "economic", "dual-use", "lethal", "troops"]
firms_excluded = ["rhetorical", "economic", "troops"]
""",
    "indicators.csv": """\
indicator,domain,kind,levels,unit,polarity,mutual,cost,measures,theatre,definition,transform,location,scale,lagged,reference
vote,words,ordinal,no|abstain|yes,vote,+1,0,1,alignment,,A vote,,,,,1
patrol,arms,count,,patrol,+1,1,2,alignment,,A joint patrol,,,,,1
praise,words,ordinal,none|some|much|most,level,-1,1,1,alignment,,A joint text,,,,,0
pact,words,ordinal,no|yes,level,+1,0,1,alignment,,Signed or not,,,,,0
visit,words,count,,visit,+1,0,1,alignment,,A visit,,,,,0
ban,trade,count,,ban,-1,0,1,alignment,,A ban,,,,,0
denial,arms,binary,,denial,free,0,1,alignment,,A denial,,,,,0
doubt,words,binary,,doubt,free,1,1,alignment,,Never recorded,,,,,0
invited,arms,binary,,exercise,-1,0,1,alignment,,Invited and came,,,,,0
flow2,trade,continuous,,US$,+1,0,2,alignment,,One more trending series,,1,2,1,0
distance,words,continuous,,points,-1,1,2,alignment,,No trend,,0.5,0.2,0,0
flow,trade,continuous,,US$,+1,1,2,alignment,,A trending series,log,3,0.5,1,1
order,arms,continuous,,US$,+1,0,2,alignment,,A trending series of one pair,,4,1.5,1,0
say,words,binary,,act,+1,0,1,outcome:rhetorical,,Said,,,,,0
aid,trade,binary,,act,+1,0,1,outcome:economic,,Aid given,,,,,0
chips,trade,binary,,report,+1,0,1,outcome:dual-use,,Goods of two uses,,,,,0
train,arms,binary,,report,+1,0,1,outcome:dual-use,,Soldiers trained,,,,,0
guns,arms,count,,report,+1,0,3,outcome:lethal,,Arms sent,,,,,0
troops,arms,binary,,report,+1,0,3,outcome:troops,,Troops sent,,,,,0
""",
    "coverage.csv": """\
indicator,pairs,from,to,silence,reason
patrol,CHN->RUS RUS->CHN,2022-03-10,2022-12-31,zero,announced
visit,IRN->RUS PRK->BLR,2022-06-11,,zero,announced
""",
    "drivers.csv": """\
supporter,recipient,period,name,value,known_at
CHN,RUS,2022-11,weather,0.5,2023-01-01
IRN,RUS,2022-06,front,-1.5,2022-07-01
IRN,RUS,2022-06,front,-0.7,2022-08-01
IRN,RUS,2022-06,front,9,2024-08-01
RUS,IRN,2023-04,front,0.8,2023-05-01
PRK,BLR,2022-06,front,3,2022-08-01
CHN,IRN,2023-02,later,4,2023-08-01
""",
}

# id, indicator, pair, date, precision, value, grade, source, attribution, cluster
MONTHLY_RECORDS = """\
V1 vote CHN->RUS 2022-04-02 day yes A1 un - -
V2 vote IRN->RUS 2022-04-02 day no B2 un - -
V3 vote PRK->BLR 2022-10 quarter abstain E5 paper - -
P1 praise CHN->RUS 2022-05-01 day most B2 agency - K1
P1b praise RUS->CHN 2022-05-02 day most C3 paper - K1
P2 praise RUS->IRN 2022-11-01 day none F6 agency - -
P3 praise RUS->CHN 2022-01 half-year some D4 agency - -
A1 pact CHN->IRN 2022-08-01 day yes B1 agency - -
J1 patrol CHN->RUS 2022-05-01 day 1 B1 agency - -
J2 patrol RUS->CHN 2022-05-11 day 3 C3 agency - -
J3 patrol RUS->CHN 2022-05-21 day 1 D4 agency - -
J4 patrol CHN->RUS 2022-07 quarter 2 B2 agency - -
J5 patrol CHN->RUS 2023-02 month 0 B2 agency - -
S1 visit IRN->RUS 2022-06-20 day 1 A2 agency - -
S2 visit IRN->RUS 2023-05-02 day 2 E6 agency - -
D1 denial CHN->RUS 2022-09-02 day 1 A1 agency - -
D2 denial IRN->RUS 2022-09-12 day 0 C4 agency - -
I1 invited RUS->IRN 2022-12-12 day 1 B3 agency - -
X1 distance CHN->RUS 2022 year 0.7 B2 un - -
X2 distance RUS->CHN 2023-01 half-year 0.4 D3 un - -
F1 flow CHN->RUS 2022-04 month 18.5 B2 customs - -
F2 flow CHN->RUS 2022-07 month 22.1 A1 customs - -
F3 flow RUS->CHN 2022-09 month 40 C3 customs - -
F4 flow IRN->RUS 2022-05 month 9.5 B2 customs - -
F5 flow RUS->IRN 2022-10 quarter 5 B2 customs - -
G1 flow2 CHN->RUS 2022-03 month -3 B2 customs - -
G2 flow2 CHN->RUS 2022-05 month 2.5 B2 customs - -
G3 flow2 CHN->IRN 2023-01 month 1 B2 customs - -
O1 order CHN->IRN 2022-04 month 4.5 B2 customs - -
O2 order CHN->IRN 2022-09 month 9 E3 customs - -
R01 say CHN->RUS 2022-05-12 day 1 B1 ministry state -
R02 aid CHN->RUS 2022-06-12 day 1 B2 agency unknown -
R03 chips CHN->RUS 2022-06 month 1 C3 agency firm -
R04 chips CHN->RUS 2022-10 quarter 1 B2 agency firm -
R05 train CHN->RUS 2022-11 month 1 A2 agency firm K3
R05b train CHN->RUS 2022-11 month 1 C2 paper firm K3
R06 guns CHN->RUS 2022-10 quarter 2 C3 agency state -
R07 guns CHN->RUS 2022 year 1 D4 paper unknown -
R08 guns CHN->RUS 2023 year 0 B1 envoy state -
R09 guns CHN->RUS 2023-02-02 day 0 C2 agency unknown -
R10 guns IRN->RUS 2022-07 half-year 4 A1 agency state -
R11 guns IRN->RUS 2022-10-11 day 1 B1 agency state -
R12 guns IRN->RUS 2022-10-21 day 1 B2 paper state -
R13 guns IRN->RUS 2022-10-25 day 1 C3 agency state -
R14 troops IRN->RUS 2022-07 quarter 0 A1 envoy unknown -
R15 troops IRN->RUS 2023-05-04 day 1 E5 blog firm -
R16 aid RUS->IRN 2023-01 half-year 1 F6 blog firm -
R17 aid RUS->IRN 2023-03 month 0 E4 blog firm -
R18 say RUS->IRN 2023-04-04 day 0 B1 ministry state -
R19 guns IRN->RUS 2022-09-03 day 1 A1 agency state -
"""

YEARLY = {
    "study.toml": """\
format = "study/1"
id = "yearly"
title = "A study by the year, of one domain"
period = "year"
start = "2012"
domains = ["arms"]
priors = ["signals-2026", "witness-2026"]
pairs = ["CHN->RUS", "IRN->RUS"]
actors = [
    { code = "CHN", name = "China" },
    { code = "RUS", name = "Russia" },
    { code = "IRN", name = "Iran" },
]
at_stake = [
    { recipient = "RUS", from = "2010-05-10", to = "2014-08-15", known_at = "2010-05-20" },
    { recipient = "RUS", from = "2016-10-05", known_at = "2016-11-01" },
]

[ladder]
rungs = ["none", "economic", "lethal", "troops"]
firms_excluded = ["troops"]
""",
    "indicators.csv": """\
indicator,domain,kind,levels,unit,polarity,mutual,cost,measures,theatre,definition,transform,location,scale,lagged,reference
patrol,arms,count,,patrol,+1,0,2,alignment,,A joint patrol,,,,,1
guns,arms,count,,report,+1,0,3,outcome:lethal,,Arms sent,,,,,0
troops,arms,binary,,report,+1,0,3,outcome:troops,,Troops sent,,,,,0
""",
    "coverage.csv": """\
indicator,pairs,from,to,silence,reason
patrol,CHN->RUS IRN->RUS,2013-03-10,,zero,announced
""",
}

YEARLY_RECORDS = """\
J1 patrol CHN->RUS 2014 year 5 B2 agency - -
J2 patrol IRN->RUS 2019 year 2 A1 agency - -
R1 guns CHN->RUS 2013-04-01 day 1 B2 agency firm -
R2 guns CHN->RUS 2018 year 1 C3 agency unknown -
R3 guns CHN->RUS 2020-02-01 day 0 B1 envoy state -
R4 troops IRN->RUS 2019-02-01 day 1 D3 blog state -
R5 troops IRN->RUS 2020-03-01 day 1 A1 agency firm -
"""


def write(directory: Path, files: Mapping[str, str], records: str) -> Path:
    """Write the files of a study and its evidence."""
    directory.mkdir()
    for name, text in (UNASKED | dict(files)).items():
        (directory / name).write_text(text, encoding="utf-8")
    write_evidence(directory, rows(records, mutual(files["indicators.csv"])))
    return directory


def mutual(indicators: str) -> dict[str, str]:
    return {line.split(",")[0]: line.split(",")[6] for line in indicators.splitlines()}


def rows(records: str, mutual: Mapping[str, str]) -> Iterable[dict[str, str]]:
    for line in records.splitlines():
        name, indicator, pair, day, precision, value, grade, source, who, cluster = line.split()
        supporter, recipient = pair.split("->")
        yield {
            "id": name,
            "event_date": day,
            "date_precision": precision,
            "known_at": "2023-05-15" if day > "2021" else "2020-04-01",
            "known_at_basis": "exact",
            "supporter": supporter,
            "recipient": recipient,
            "mutual": mutual[indicator],
            "indicator": indicator,
            "value": value,
            "attribution": who.replace("-", ""),
            "theatre": "",
            "source_name": source,
            "source_url_or_doc": "https://example.org/" + name,
            "source_reliability": grade[0],
            "credibility": grade[1],
            "cluster": cluster.replace("-", ""),
            "note": "",
        }
