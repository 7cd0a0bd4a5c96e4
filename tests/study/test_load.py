import dataclasses
from datetime import date

import pytest

from forecast.errors import ProblemsError
from forecast.study.load import check_study, load_study
from forecast.study.models import Pair, Switches
from tests.tiny import (
    COVERAGE_CSV,
    DRIVERS_CSV,
    INDICATORS_CSV,
    JUDGEMENTS_CSV,
    OUTCOMES_CSV,
    QUESTIONS_CSV,
    RESOLUTIONS_CSV,
    STUDY_TOML,
    write_study,
)


def problems_of(tmp_path, **files):
    return check_study(write_study(tmp_path / "changed", **files))


def assert_problem(problems, file, line, field, words):
    """Assert that a problem stands at a place and says some words."""
    places = [(one.file, one.line, one.field) for one in problems]
    assert (file, line, field) in places, problems
    matching = [one for one in problems if (one.file, one.line, one.field) == (file, line, field)]
    assert any(words in str(one) for one in matching), matching
    assert all(one.expected and one.remedy for one in matching)


def test_a_valid_study_has_no_problem_and_loads_whole(tiny_directory):
    assert check_study(tiny_directory) == []
    study = load_study(tiny_directory)
    assert study.id == "tiny"
    assert study.calendar.label(0) == "2020-Q1"
    assert study.pairs[0] == Pair("CHN", "RUS")
    assert study.default_as_of == date(2023, 6, 30)
    assert study.ladder.firms_excluded == ("rhetorical", "troops")
    assert study.indicators["un_vote"].levels == ("against", "abstain", "with")
    assert study.indicators["arms_transfer"].rung == "lethal"
    trade = study.indicators["trade_value"]
    assert (trade.transform, trade.location, trade.scale, trade.lagged) == ("log", 5.0, 0.5, True)
    assert study.coverage[1].pairs == (Pair("CHN", "RUS"), Pair("NA", "RUS"), Pair("002", "RUS"))
    assert len(study.coverage[2].pairs) == 4
    assert [question.line for question in study.questions] == [2, 3, 4]
    assert study.resolutions[0].outcome == "yes"
    assert study.judgements[0].p_mid == 0.03
    assert study.outcomes[0].period == "2022-Q1"
    assert study.drivers[0].value == 0.4
    assert study.at_stake[0].end is None


def test_the_optional_files_may_be_absent(tiny_directory):
    for name in ("judgements.csv", "outcomes.csv", "drivers.csv"):
        (tiny_directory / name).unlink()
    study = load_study(tiny_directory)
    assert (study.judgements, study.outcomes, study.drivers) == ((), (), ())


def test_a_place_without_a_study_says_so_and_nothing_else(tmp_path):
    problems = check_study(tmp_path)
    assert [(one.file, one.what) for one in problems] == [("study.toml", "does not exist")]


def test_problems_of_all_files_are_told_at_once(tmp_path):
    problems = problems_of(
        tmp_path,
        study_toml=STUDY_TOML.replace('title = "A tiny study"', "").replace(
            'recipient = "RUS"', 'recipient = "UKR"'
        ),
        indicators_csv=INDICATORS_CSV.replace(",2,alignment", ",4,alignment"),
        coverage_csv=COVERAGE_CSV.replace("zero", "0"),
        questions_csv=QUESTIONS_CSV.replace("2023-12-31", "31/12/2023"),
        resolutions_csv=RESOLUTIONS_CSV.replace("yes", "True"),
        judgements_csv=JUDGEMENTS_CSV.replace("0.03", "3 %"),
        outcomes_csv=OUTCOMES_CSV.replace("2022-Q1", "2022Q1"),
        drivers_csv=DRIVERS_CSV.replace("0.4", "NaN"),
    )
    assert {one.file for one in problems} == {
        "study.toml",
        "indicators.csv",
        "coverage.csv",
        "questions.csv",
        "resolutions.csv",
        "judgements.csv",
        "outcomes.csv",
        "drivers.csv",
    }
    assert_problem(problems, "study.toml", None, "title", "is missing")
    assert_problem(problems, "study.toml", 43, "at_stake.recipient", "unknown actor 'UKR'")


def test_loading_a_wrong_study_raises_all_its_problems(tiny_directory):
    (tiny_directory / "coverage.csv").unlink()
    (tiny_directory / "resolutions.csv").unlink()
    with pytest.raises(ProblemsError) as caught:
        load_study(tiny_directory)
    assert [one.file for one in caught.value.problems] == ["coverage.csv", "resolutions.csv"]


def test_a_warning_alone_does_not_keep_a_study_from_loading(tiny_directory):
    text = QUESTIONS_CSV.replace("count(joint_patrol) >= 2", "any(mediation)")
    write_study(tiny_directory, questions_csv=text)
    assert [one.severity for one in check_study(tiny_directory)] == ["warning"]
    assert load_study(tiny_directory).questions[1].event == "any(mediation)"


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "words"),
    [
        ('"CHN->RUS",', '"CHN->RUS", "CHN->RUS",', 8, "pairs", "'CHN->RUS' stands there twice"),
        ('"NA->RUS"', '"CHN-RUS"', 8, "pairs", "'CHN-RUS' is not a pair"),
        ('"NA->RUS"', '"RUS->RUS"', 8, "pairs", "an actor with itself"),
        ('"NA->RUS"', '"USA->RUS"', 8, "pairs", "unknown actor 'USA'"),
        ('"NA->RUS"', "true", 8, "pairs.2", "valid string"),
        ('code = "CHN"', 'code = "RUS"', 16, "actors.code", "'RUS' stands there twice"),
        ('code = "CHN"', 'code = "C N"', 12, "actors.code", "cannot be the code"),
        ('name = "China"', 'names = "China"', 13, "actors.0.names", "not a known key"),
        ('start = "2020-Q1"', 'start = "2020"', 5, "start", "is not a quarter"),
        ('period = "quarter"', 'period = "week"', 4, "period", "'month', 'quarter' or 'year'"),
        ('format = "study/1"', 'format = "study/2"', 1, "format", "study/1"),
        ('id = "tiny"', 'id = "../tiny"', 2, "id", "'../tiny' is not allowed"),
        ('"lethal", "troops"]\nfirms', '"lethal", "lethal"]\nfirms', 34, "ladder.rungs", "twice"),
        ('["rhetorical", "troops"]', '["none"]', 35, "ladder.firms_excluded", "'none'"),
        ('date = "2022-02-24"', "date = 2022-02-24T10:00:00", 39, "shocks.0.date", "precision day"),
        ('from = "2022-02-24"', 'from = "2022-02-30"', 44, "at_stake.0.from", "2022-02-30"),
        (
            'known_at = "2022-02-24"',
            'to = "2021-01-01"\nknown_at = "2022"',
            45,
            "at_stake.to",
            "before it begins",
        ),
        ('recipient = "RUS"', 'recipient = "XXX"', 43, "at_stake.recipient", "unknown actor 'XXX'"),
        ('"military"]', '"military", "military"]', 6, "domains", "stands there twice"),
    ],
)
def test_a_fault_of_study_toml_is_named_by_line(tmp_path, old, new, line, field, words):
    assert old in STUDY_TOML
    problems = problems_of(tmp_path, study_toml=STUDY_TOML.replace(old, new, 1))
    assert_problem(problems, "study.toml", line, field, words)


def test_toml_that_cannot_be_parsed_is_named_by_line(tmp_path):
    problems = problems_of(tmp_path, study_toml=STUDY_TOML.replace('"tiny"', '"tiny', 1))
    assert_problem(problems, "study.toml", 2, "", "is not TOML")


def test_native_dates_of_toml_are_read_like_quoted_ones(tiny_directory, tiny_study):
    text = STUDY_TOML.replace('"2022-02-24"', "2022-02-24")
    changed = load_study(write_study(tiny_directory, study_toml=text))
    assert changed.shocks == tiny_study.shocks
    assert changed.at_stake == tiny_study.at_stake


def test_overlapping_spans_at_stake_are_refused(tmp_path):
    second = '\n[[at_stake]]\nrecipient = "RUS"\nfrom = "2022-06-01"\nknown_at = "2022"\n'
    problems = problems_of(tmp_path, study_toml=STUDY_TOML + second)
    assert_problem(problems, "study.toml", 49, "at_stake.from", "two spans of RUS overlap")


def test_a_bad_part_does_not_make_the_names_that_refer_to_it_look_wrong(tmp_path):
    broken = STUDY_TOML.replace('rungs = ["none", ', "rungs = [0, ")
    problems = problems_of(tmp_path, study_toml=broken)
    assert {(one.file, one.field) for one in problems} == {("study.toml", "ladder.rungs.0")}


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "words"),
    [
        ("hosted_exercise,", "joint_patrol,", 3, "indicator", "line 2 already"),
        (
            "hosted_exercise,military",
            "hosted_exercise,naval",
            3,
            "domain",
            "unknown domain 'naval'",
        ),
        ("military,binary", "military,boolean", 3, "kind", "'boolean' is not allowed"),
        ("against|abstain|with", "against", 4, "levels", "two or more"),
        ("against|abstain|with", "a|a|b", 4, "levels", "different names"),
        ("military,binary,", "military,binary,a|b", 3, "levels", "has no levels"),
        ("+1,1,2", "1,1,2", 2, "polarity", "+1, -1, free"),
        ("+1,1,2", "+1,yes,2", 2, "mutual", "0 or 1"),
        ("+1,0,3,outcome:lethal", "+1,1,3,outcome:lethal", 6, "mutual", "cannot be mutual"),
        ("outcome:lethal", "outcome:nukes", 6, "measures", "unknown rung 'nukes'"),
        ("outcome:lethal", "outcome", 6, "measures", "outcome:<rung>"),
        ("log,5,0.5", "log,5,0", 5, "scale", "not positive"),
        ("log,5,0.5", "exp,5,0.5", 5, "transform", "identity, log"),
        ("log,5,0.5", "log,five,0.5", 5, "location", "finite number"),
        ("came,,,,,0", "came,log,,,,0", 3, "transform", "neither transformed"),
        ("Kept out: speaks of neither side,,,,,0", "x,,,,,1", 7, "reference", "must measure"),
        ("A vote,,,,,1", "A vote,,,,,0", 4, "reference", "'rhetorical' has 0 reference"),
        ("came,,,,,0", "came,,,,,1", 3, "reference", "'military' has 2 reference"),
        ("A vote", "", 4, "definition", "is empty"),
    ],
)
def test_a_fault_of_an_indicator_is_named_by_line(tmp_path, old, new, line, field, words):
    assert old in INDICATORS_CSV
    problems = problems_of(tmp_path, indicators_csv=INDICATORS_CSV.replace(old, new, 1))
    assert_problem(problems, "indicators.csv", line, field, words)


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "words"),
    [
        ("joint_patrol,", "joint_parade,", 2, "indicator", "unknown indicator 'joint_parade'"),
        ("CHN->RUS RUS->CHN", "CHN->UKR", 2, "pairs", "matches no pair"),
        ("CHN->RUS RUS->CHN", "CHN", 2, "pairs", "names no pairs"),
        ("CHN->RUS RUS->CHN", "*", 2, "pairs", "reverse of NA->RUS, 002->RUS is missing"),
        ("2020-01-01,,zero", "2020-01,,zero", 2, "from", "precision day"),
        ("2020-01-01,,zero", "2020-01-01,2019-01-01,zero", 2, "to", "before it begins"),
        ("2021-12-31,missing", "2021-12-31,zero", 4, "silence", "never zero"),
        ("zero,announced by both ministries", "zero,", 2, "reason", "is empty"),
        ("trade_value,*", "arms_transfer,CHN->RUS", 4, "from", ""),
    ],
)
def test_a_fault_of_the_coverage_is_named_by_line(tmp_path, old, new, line, field, words):
    assert old in COVERAGE_CSV
    changed = COVERAGE_CSV.replace(old, new, 1).replace("2020-01-01,2021", "2022-01-01,2022")
    if field != "from" or words:
        changed = COVERAGE_CSV.replace(old, new, 1)
    problems = problems_of(tmp_path, coverage_csv=changed)
    assert_problem(problems, "coverage.csv", line, field, words or "overlaps line 3")


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "words"),
    [
        ("Q2,", "Q1,", 3, "id", "line 2 already"),
        ("CHN->RUS,max", "CHN->UKR,max", 2, "pair", "unknown pair 'CHN->UKR'"),
        ("CHN->RUS,max", "CHN,max", 2, "pair", "is not a pair"),
        ("lethal by state", "lethal by firms", 2, "event", "position 23"),
        (">= lethal", ">= nuclear", 2, "event", "unknown rung 'nuclear'"),
        ("count(joint_patrol)", "count(un_vote)", 3, "event", "kind count"),
        ("no indicator of contracts", "", 4, "event", "say why in not_modelled"),
        ("2023-01-01,2023-12-31", "2023-01-01,2022-12-31", 2, "closes", "before it opens"),
        ("truth", "hearsay", 2, "resolves_on", "truth, record"),
        ("strict", "loose", 2, "key", "strict, central, lenient"),
        ("two governments say so", "", 2, "rule", "is empty"),
    ],
)
def test_a_fault_of_a_question_is_named_by_line(tmp_path, old, new, line, field, words):
    assert old in QUESTIONS_CSV
    problems = problems_of(tmp_path, questions_csv=QUESTIONS_CSV.replace(old, new, 1))
    assert_problem(problems, "questions.csv", line, field, words)


def test_what_is_not_modelled_may_name_what_the_study_lacks(tmp_path):
    text = QUESTIONS_CSV.replace("CHN->RUS,,2023", "CHN->RUS,any(pipeline_contract),2023")
    assert problems_of(tmp_path, questions_csv=text) == []


def test_a_resolution_of_an_unknown_question_is_refused(tmp_path):
    problems = problems_of(tmp_path, resolutions_csv=RESOLUTIONS_CSV.replace("Q2", "Q9"))
    assert_problem(problems, "resolutions.csv", 2, "question", "unknown question 'Q9'")


@pytest.mark.parametrize(
    ("old", "new", "field", "words"),
    [
        ("0.01,0.03", "0.05,0.03", "p_mid", "do not rise"),
        ("0.06", "1.06", "p_high", "from 0 to 1"),
        ("max_rung", "rung max", "event", "position 6"),
        ("lethal by", "nuclear by", "event", "unknown rung 'nuclear'"),
    ],
)
def test_a_fault_of_a_judgement_is_named_by_line(tmp_path, old, new, field, words):
    assert old in JUDGEMENTS_CSV
    problems = problems_of(tmp_path, judgements_csv=JUDGEMENTS_CSV.replace(old, new, 1))
    assert_problem(problems, "judgements.csv", 2, field, words)


@pytest.mark.parametrize(
    ("old", "new", "field", "words"),
    [
        ("CHN,RUS,2022-Q1", "USA,RUS,2022-Q1", "supporter", "unknown pair 'USA->RUS'"),
        ("2022-Q1,1,1,2,1", "2022-Q1,6,1,6,1", "rung", "0, 1, 2, 3, 4, 5"),
        ("2022-Q1,1,1,2,1", "2022-Q1,1,2,2,1", "rung", "do not rise"),
        ("coded", "guessed", "basis", "coded, carried"),
    ],
)
def test_a_fault_of_an_outcome_is_named_by_line(tmp_path, old, new, field, words):
    assert old in OUTCOMES_CSV
    problems = problems_of(tmp_path, outcomes_csv=OUTCOMES_CSV.replace(old, new, 1))
    assert_problem(problems, "outcomes.csv", 2, field, words)


def test_the_same_outcome_or_driver_twice_is_refused(tmp_path):
    problems = problems_of(
        tmp_path,
        outcomes_csv=OUTCOMES_CSV + OUTCOMES_CSV.splitlines()[1] + "\n",
        drivers_csv=DRIVERS_CSV + DRIVERS_CSV.splitlines()[1] + "\n",
    )
    assert_problem(problems, "outcomes.csv", 3, "period", "stands in line 2 already")
    assert_problem(problems, "drivers.csv", 3, "period", "stands in line 2 already")


def test_the_hash_follows_what_can_alter_a_forecast_and_nothing_else(tmp_path):
    def content_hash(name, **files):
        return load_study(write_study(tmp_path / name, **files)).content_hash

    base = content_hash("base")
    assert content_hash("elsewhere") == base
    assert content_hash("resolved", resolutions_csv=RESOLUTIONS_CSV.replace("yes", "no")) == base
    assert content_hash("scored", outcomes_csv=OUTCOMES_CSV.replace("press", "radio")) == base
    assert content_hash("scale", indicators_csv=INDICATORS_CSV.replace("0.5", "0.6")) != base
    assert content_hash("cover", coverage_csv=COVERAGE_CSV.replace("2020", "2019")) != base
    assert content_hash("asked", questions_csv=QUESTIONS_CSV.replace("lethal", "troops")) != base


def test_a_study_is_plain_data(tiny_study):
    with pytest.raises(dataclasses.FrozenInstanceError):
        tiny_study.id = "other"


def test_a_fault_in_a_row_hides_no_fault_elsewhere_and_makes_no_false_one(tmp_path):
    problems = problems_of(
        tmp_path,
        indicators_csv=INDICATORS_CSV.replace("+1,1,2,", "+1,1,9,").replace(
            "A vote,,,,,1", "A vote,,,,,0"
        ),
        coverage_csv=COVERAGE_CSV.replace("trade_value", "trade_volume"),
        questions_csv=QUESTIONS_CSV.replace("lethal by", "nuclear by").replace("truth", "hearsay"),
        judgements_csv=JUDGEMENTS_CSV.replace("max_rung >= lethal by state", "any(parade)"),
    )
    # joint_patrol has a fault of its own: what refers to it is not called unknown.
    assert [(one.file, one.line, one.field) for one in problems] == [
        ("indicators.csv", 2, "cost"),
        ("indicators.csv", 4, "reference"),
        ("coverage.csv", 4, "indicator"),
        ("questions.csv", 2, "event"),
        ("questions.csv", 2, "resolves_on"),
        ("judgements.csv", 2, "event"),
    ]


def test_names_of_a_table_that_is_not_whole_are_not_called_unknown(tmp_path):
    problems = problems_of(tmp_path, indicators_csv=INDICATORS_CSV + "one,field,too,few\n")
    assert [(one.file, one.name) for one in problems] == [("indicators.csv", "field-count")]


class TestSwitches:
    """The table [evidence] of study.toml: how a study reads its evidence."""

    def test_without_the_table_the_recent_past_is_under_reported_and_all_else_is_plain(
        self, tmp_path
    ):
        study = load_study(write_study(tmp_path / "tiny"))
        assert study.switches == Switches()
        assert study.switches == Switches(
            coverage=True, delay=True, clusters=True, credibility="graded", false_counts="rarity"
        )

    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            ("coverage = false", Switches(coverage=False)),
            ("delay = false", Switches(delay=False)),
            ("clusters = false", Switches(clusters=False)),
            ('credibility = "learnt"', Switches(credibility="learnt")),
            ('false_counts = "typical"', Switches(false_counts="typical")),
        ],
    )
    def test_each_switch_is_read_and_is_part_of_the_studys_identity(self, tmp_path, line, expected):
        plain = load_study(write_study(tmp_path / "tiny"))
        text = STUDY_TOML + f"\n[evidence]\n{line}\n"
        study = load_study(write_study(tmp_path / "tiny", study_toml=text))
        assert study.switches == expected
        assert study.content_hash != plain.content_hash

    @pytest.mark.parametrize(
        ("line", "name", "field"),
        [
            ("delays = true", "unknown-key", "evidence.delays"),
            ('delay = "yes"', "bad-value", "evidence.delay"),
            ('credibility = "none"', "bad-value", "evidence.credibility"),
        ],
    )
    def test_a_fault_is_told_with_its_line(self, tmp_path, line, name, field):
        text = STUDY_TOML + f"\n[evidence]\nclusters = true\n{line}\n"
        (problem,) = problems_of(tmp_path, study_toml=text)
        assert (problem.name, problem.field) == (name, field)
        assert problem.line == text.splitlines().index(line) + 1


class TestReleaseLag:
    HEADER, *ROWS = INDICATORS_CSV.splitlines()

    def text(self, lag):
        rows = [self.HEADER + ",release_lag"]
        rows += [row + ("," + lag if row.startswith("trade_value") else ",") for row in self.ROWS]
        return "\n".join(rows) + "\n"

    def test_it_is_a_number_of_days_or_nothing(self, tmp_path):
        study = load_study(write_study(tmp_path / "tiny", indicators_csv=self.text("75")))
        assert study.indicators["trade_value"].release_lag == 75
        assert study.indicators["joint_patrol"].release_lag is None

    @pytest.mark.parametrize("lag", ["-1", "soon", "1.5"])
    def test_anything_else_is_told(self, tmp_path, lag):
        (problem,) = problems_of(tmp_path, indicators_csv=self.text(lag))
        assert problem.field == "release_lag"


class TestCollectionCost:
    HEADER, *ROWS = INDICATORS_CSV.splitlines()

    def text(self, cost):
        rows = [self.HEADER + ",collection_cost"]
        rows += [row + ("," + cost if row.startswith("un_vote") else ",") for row in self.ROWS]
        return "\n".join(rows) + "\n"

    def test_it_is_a_positive_number_or_nothing(self, tmp_path):
        study = load_study(write_study(tmp_path / "tiny", indicators_csv=self.text("2.5")))
        assert study.indicators["un_vote"].collection_cost == 2.5
        assert study.indicators["joint_patrol"].collection_cost is None

    @pytest.mark.parametrize("cost", ["0", "-1", "dear", "inf", "1,000"])
    def test_anything_else_is_told(self, tmp_path, cost):
        quoted = f'"{cost}"' if "," in cost else cost
        (problem,) = problems_of(tmp_path, indicators_csv=self.text(quoted))
        assert problem.field == "collection_cost"

    def test_it_alters_no_forecast(self, tmp_path):
        plain = load_study(write_study(tmp_path / "plain"))
        dear = load_study(write_study(tmp_path / "dear", indicators_csv=self.text("9")))
        assert dear.content_hash == plain.content_hash
