"""Any single cell of any file may be garbled: readers answer with rows or a plain error."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from forecast.errors import ForecastError
from forecast.evidence.check import check_record
from forecast.evidence.readers import FORMATS, read_public
from tests.evidence.readers.support import study_of

SLICES = {
    "sipri-register": "Recipient,Supplier,Year of order,Year(s) of delivery,"
    "SIPRI TIV of delivered weapons\nRussia,China,2010,2011; 2012,5\n",
    "unga-ideal-points": "ccode,iso3c,year,idealpointfp,idealpointall\n"
    "365,RUS,2020,1,1\n710,CHN,2020,2,2\n",
    "ucdp-esd-actor": "year,actor_name,actor_nonstate,dyad_name,ext_name,ext_bothsides,"
    "ext_coalition,ext_x,ext_p,ext_y,ext_w,ext_m,ext_t,ext_f,ext_i,ext_l,ext_u\n"
    "2001,Government of China,0,A - B,Government of Russia,0,0,0,0,0,1,0,0,0,0,0,0\n",
    "ucdp-esd-triad": "supporter,target_location,year,troops,weapons,training,funding,"
    "target_country\nGovernment of Russia,China: A,2001,0,1,0,0,China\n",
    "kiel": "country,year,month,military,financial,humanitarian,total\nChina,2022,2,0,0,1,1\n"
    "China,2022,4,0,0,1,1\n",
    "cow-trade": "ccode1,ccode2,year,flow1,flow2\n365,710,2000,5,6\n",
    "atop": "ccode1,ccode2,year,atop_defense,atop_offense,atop_neutral,atop_nonagg,atop_consul\n"
    "365,710,2000,0,0,0,1,1\n",
    "icews": "i_iso3c,j_iso3c,year,verbCoop,matlCoop,verbConf,matlConf\nCHN,RUS,2014,1,2,3,4\n",
    "gdelt": "month,a,b,score_mean,days\n2023-02,CHN,RUS,2.5,20\n",
    "mcmanus-nieman": "ccode,year,rus_pact,rus_arms,chi_words\n710,2000,1,5,2\n",
    "china-vitae": "date,country,leader,text\n"
    "2014-02-06,Russia,Xi Jinping,\"Xi Jinping travelled to Russia, Sochi\"\n",
    "dcad": "ccode1,ccode2,signDay,signMonth,signYear,type,category1,DCAid\n"
    "365,710,7,12,1995,sector,DIC,X-1\n",
    "cow-alliances": "ccode1,ccode2,year,defense,neutrality,nonaggression,entente\n"
    "365,710,2001,0,0,1,1\n",
    "cow-mids": "dispnum,ccode1,ccode2,year,hostlev1,hostlev2,cowmidonset\n"
    "7,365,710,2001,2,4,1\n",
    "gml-mids": "dispnum,ccode1,ccode2,year,hostlev1,hostlev2,gmlmidonset\n"
    "7,365,710,2001,2,4,1\n",
    "cow-igos": "ccode1,ccode2,year,dyadigos\n365,710,2014,55\n",
    "unga-votes": "rcid,country,country_code,vote\n1,China,CN,yes\n1,Russia,RU,no\n",
}  # fmt: skip
RUBBISH = ("", "x", "-1", "0.5", "13", "99999", "NaN", "1e400", "2023-13", "é,\"'")


@pytest.mark.parametrize("name", FORMATS)
def test_a_garbled_cell_never_ends_in_a_traceback(name: str, tmp_path: Path) -> None:
    study = study_of(name, "CHN", "RUS", "UKR")
    header, *rows = csv.reader(io.StringIO(SLICES[name]))
    file = tmp_path / "un_votes.csv"
    calls = tmp_path / "un_roll_calls.csv"
    calls.write_text("rcid,session\n1,60\n", encoding="utf-8")
    _write(file, [header, *rows])
    assert read_public(name, file, study).rows
    places: list[str] = []
    for index in range(len(rows)):
        for column in range(len(header)):
            for text in RUBBISH:
                garbled = [list(row) for row in rows]
                garbled[index][column] = text
                _write(file, [header, *garbled])
                try:
                    reading = read_public(name, file, study)
                except ForecastError as error:
                    places.append(error.where)
                    continue
                if not reading.problems:
                    found = [p for row in reading.rows for p in check_record(row, study)]
                    assert [str(one) for one in found] == [], (header[column], text)
    assert "" not in places


@pytest.mark.parametrize("name", FORMATS)
def test_blank_rows_are_passed_over(name: str, tmp_path: Path) -> None:
    study = study_of(name, "CHN", "RUS", "UKR")
    header, *rows = csv.reader(io.StringIO(SLICES[name]))
    file = tmp_path / "un_votes.csv"
    (tmp_path / "un_roll_calls.csv").write_text("rcid,session\n1,60\n", encoding="utf-8")
    _write(file, [header, *rows])
    whole = read_public(name, file, study)
    _write(file, [header, *rows, [""] * len(header), [""] * len(header)])
    padded = read_public(name, file, study)
    assert padded.rows == whole.rows
    assert sum(padded.skipped.values()) == sum(whole.skipped.values()) + 2


def _write(file: Path, table: list[list[str]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(table)
