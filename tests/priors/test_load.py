"""Prior sets: read, merge, and say plainly what is wrong with a file."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from forecast.errors import PriorError
from forecast.priors import load_priors
from forecast.priors.load import Prior, read_prior_set

HEAD = """\
format = "priors/1"
id = "own"
title = "Our own"
made_on = "2026-01-01"
provenance = "made for a test"
"""
RATE = """
[parameters.rate]
dist = "lognormal"
median = 2.0
sigma = 0.5
source = "somebody"
"""
REST = """
[constants]
df = 4

[tables.shares]
A = 0.25
"""


def write(directory, text, name="own"):
    folder = directory / "priors"
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_set_of_the_study_is_found_in_its_folder(tmp_path):
    path = write(tmp_path, HEAD + RATE + REST)
    priors = load_priors(["own"], tmp_path)
    assert priors["rate"].number("median") == 2.0
    assert priors.constant("df") == 4.0
    assert priors.table("shares") == {"A": 0.25}
    assert "rate" in priors
    assert "df" not in priors
    assert priors.hashes == {"own": hashlib.sha256(path.read_bytes()).hexdigest()}


def test_a_set_of_the_study_goes_before_a_shipped_one_of_the_same_name(tmp_path):
    write(tmp_path, HEAD.replace("own", "witness-2026") + RATE, "witness-2026")
    priors = load_priors(["witness-2026"], tmp_path)
    assert "rate" in priors
    assert "rung_weight" not in priors


def test_sets_are_merged(tmp_path):
    write(tmp_path, HEAD + RATE)
    write(tmp_path, HEAD.replace("own", "other") + REST, "other")
    priors = load_priors(["other", "own"], tmp_path)
    assert (priors["rate"].dist, priors.constant("df")) == ("lognormal", 4.0)
    assert list(priors.hashes) == ["other", "own"]


@pytest.mark.parametrize("again", [RATE, "[constants]\nrate = 1\n", "[tables.rate]\nA = 1\n"])
def test_a_name_in_two_sets_is_refused(tmp_path, again):
    write(tmp_path, HEAD + RATE)
    write(tmp_path, HEAD.replace("own", "other") + again, "other")
    with pytest.raises(PriorError, match="'rate' is given by both own and other"):
        load_priors(["own", "other"], tmp_path)


def test_an_unknown_set_is_refused_with_the_ones_there_are(tmp_path):
    with pytest.raises(PriorError, match="no prior set 'missing'") as caught:
        load_priors(["missing"], tmp_path)
    assert "signals-2026, witness-2026" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("format = ", "not a TOML file"),
        (HEAD.replace("priors/1", "priors/9") + RATE, "format: Input should be 'priors/1'"),
        (HEAD.replace('title = "Our own"\n', ""), "title: Field required"),
        (HEAD + 'colour = "red"\n', "colour: Extra inputs"),
        (HEAD + RATE.replace("lognormal", "cauchy"), "parameters.rate.dist: Input should be"),
        (HEAD + RATE.replace("lognormal", "fixed"), "parameters.rate.dist: Input should be"),
        (
            HEAD + RATE.replace("sigma = 0.5", "sigma = 0"),
            "parameters.rate.sigma: .* greater than 0",
        ),
        (HEAD + RATE.replace("median = 2.0", "median = -2"), "parameters.rate.median: .* greater"),
        (HEAD + RATE + "value = 1.0\n", "parameters.rate.value: Extra inputs"),
        (HEAD + RATE.replace('source = "somebody"', ""), "parameters.rate.source: Field required"),
        (HEAD + RATE.replace("median = 2.0\n", ""), "parameter 'rate' lacks median"),
        (
            HEAD + RATE.replace("median = 2.0\nsigma = 0.5\n", ""),
            "parameter 'rate' lacks median, sigma .*Expected median, sigma for a lognormal",
        ),
        (HEAD + '[tables.shares]\nA = "much"\n', "tables.shares.A: .*valid number"),
    ],
)
def test_a_wrong_file_is_refused_with_its_name_and_the_fault(tmp_path, text, message):
    path = write(tmp_path, text)
    with pytest.raises(PriorError, match=f"(?s){message}") as caught:
        read_prior_set(path)
    assert "own.toml" in str(caught.value)


def test_a_file_that_is_no_utf8_is_refused(tmp_path):
    path = write(tmp_path, "")
    path.write_bytes(HEAD.replace("Our", "Côte").encode("latin-1"))
    with pytest.raises(PriorError, match="not a TOML file"):
        read_prior_set(path)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda priors: priors["speed"], "no parameter 'speed' in the prior sets own"),
        (lambda priors: priors.constant("speed"), "no constant 'speed'"),
        (lambda priors: priors.table("speed"), "no table 'speed'"),
        (lambda priors: priors["rate"].number("mu"), "a lognormal prior has no mu"),
    ],
)
def test_what_no_set_has_is_told_by_name(tmp_path, ask, message):
    write(tmp_path, HEAD + RATE)
    priors = load_priors(["own"], tmp_path)
    with pytest.raises(PriorError, match=message):
        ask(priors)


@pytest.mark.parametrize(
    ("prior", "mean", "sd"),
    [
        (Prior(dist="normal", mu=1.5, sigma=2.0, source="s"), 1.5, 2.0),
        (
            Prior(dist="halfnormal", sigma=2.0, source="s"),
            2.0 * np.sqrt(2 / np.pi),
            2.0 * np.sqrt(1 - 2 / np.pi),
        ),
        (
            Prior(dist="lognormal", median=2.0, sigma=0.5, source="s"),
            2.0 * np.exp(0.125),
            2.0 * np.exp(0.125) * np.sqrt(np.exp(0.25) - 1),
        ),
    ],
    ids=lambda value: value.dist if isinstance(value, Prior) else "",
)
def test_draws_have_the_moments_of_the_law(prior, mean, sd):
    """At 4.5 standard errors the mean fails by chance once in 150,000 seeds; this seed passes."""
    draws = prior.draw(np.random.default_rng(7), (200, 200))
    assert draws.shape == (200, 200)
    assert abs(draws.mean() - mean) < 4.5 * sd / 200
    # Six times the relative standard error of the sd of the heaviest of the three laws.
    assert abs(draws.std() / sd - 1) < 0.05
