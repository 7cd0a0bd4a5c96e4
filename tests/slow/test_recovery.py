"""Twenty data sets from the prior, fitted: the truth lies where the posterior says (20 minutes)."""

import pytest

from tests.slow.recovery import QUESTIONS, SETS, bootstrap, recover, summary

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def results():
    return [recover(number) for number in range(SETS)]


@pytest.mark.parametrize("question", range(len(QUESTIONS)))
def test_the_interval_of_a_question_covers_its_true_probability(results, question):
    # A calibrated 90 % interval covers in fewer than 15 of 20 with chance 0.011.
    covered = sum(one.answers[question].covered for one in results)
    assert covered >= 15, summary(results)


@pytest.mark.parametrize(
    ("name", "nominal"),
    [("path50", 0.5), ("path90", 0.9), ("loading50", 0.5), ("loading90", 0.9)],
)
def test_pooled_coverage_is_nominal_within_the_error_between_data_sets(results, name, nominal):
    # Shares of one data set hang together, so the error comes from a bootstrap over data sets.
    # With 20 of them, 4.5 standard errors are passed by chance about once in 150 at 90 % (shares
    # skewed, sd .1) and once in 2,500 at 50 %: about one in a hundred for all four.
    mean, error = bootstrap([getattr(one, name) for one in results])
    assert abs(mean - nominal) < 4.5 * error, summary(results)


def test_hardly_any_fit_failed(results):
    # Draws of the prior can be extreme; more than one failed fit in ten would say that short runs
    # do not do for this model.
    assert len([one.number for one in results if one.status == "failed"]) <= SETS // 10
