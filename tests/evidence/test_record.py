from datetime import date

from forecast.evidence.record import COLUMNS, Record, canonical_json, sha256
from tests.tiny import PATROL, record


def test_the_columns_are_those_of_the_file_in_its_order():
    assert ",".join(COLUMNS) == (
        "id,event_date,date_precision,known_at,known_at_basis,supporter,recipient,mutual,indicator,"
        "value,attribution,theatre,source_name,source_url_or_doc,source_reliability,credibility,"
        "cluster,note"
    )


def test_a_record_tells_what_its_cells_mean(tiny_study):
    made = record(tiny_study, event_date="2022-04", date_precision="quarter", known_at="2022-03")
    assert (made.first, made.last) == (date(2022, 4, 1), date(2022, 6, 30))
    assert made.known == date(2022, 3, 31)
    assert made.announced
    assert not record(tiny_study).announced


def test_known_inside_the_interval_is_not_announced(tiny_study):
    assert not record(
        tiny_study, event_date="2022", date_precision="year", known_at="2022-01-01"
    ).announced


def test_the_content_hash_is_of_the_columns_alone(tiny_study):
    made = record(tiny_study)
    assert made.content_hash == sha256(canonical_json(PATROL))
    assert Record.from_columns(PATROL, 99.0).content_hash == made.content_hash
    assert record(tiny_study, note="x").content_hash != made.content_hash


def test_canonical_json_does_not_depend_on_the_order_of_keys():
    assert (
        canonical_json({"b": 1, "a": "é"})
        == canonical_json({"a": "é", "b": 1})
        == '{"a":"é","b":1}'
    )
