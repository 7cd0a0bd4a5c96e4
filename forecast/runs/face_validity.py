"""Face validity: what the posterior says of things that every analyst has an opinion on.

Reported, never tuned to.
"""

import numpy as np
import pandas as pd

from forecast.forecasts.draws import Draws
from forecast.study.models import Study

Row = dict[str, object]


def face_validity_table(study: Study, draws: Draws, pair: str, reverse: str) -> pd.DataFrame:
    """Return statements about the posterior: name, value, sentence.

    Parameters
    ----------
    pair, reverse : str
        The two directions whose asymmetry the study is about.
    """
    rows: list[Row] = []
    if draws.data.indicators:
        for recipient in dict.fromkeys(span.recipient for span in study.at_stake):
            rows += _by_supporter(study, draws, recipient)
        rows += _domains(study, draws, reverse)
        rows += _rates(study, draws, pair, reverse)
    return pd.DataFrame(rows, columns=["name", "value", "sentence"])


def _by_supporter(study: Study, draws: Draws, recipient: str) -> list[Row]:
    """Rank supporters of a recipient in the last domain at the end of the last full year."""
    domain = study.domains[-1]
    period = _last_december(study, draws)
    rows: list[Row] = []
    for position, pair in enumerate(study.pairs):
        if pair.recipient == recipient:
            values = draws["alignment"][:, position, len(study.domains) - 1, period]
            low, high = np.quantile(values, (0.05, 0.95))
            label = draws.data.coords["period"][period]
            rows.append(
                {
                    "name": f"{domain} alignment {pair.label}, {label}",
                    "value": float(values.mean()),
                    "sentence": f"90 % of draws lie from {low:.2f} to {high:.2f}.",
                }
            )
    return sorted(rows, key=lambda row: -float(str(row["value"])))


def _last_december(study: Study, draws: Draws) -> int:
    ends = [
        t for t in range(len(draws.data.coords["period"]) - 1) if study.calendar.end(t).month == 12
    ]
    # The end of 2024 is the date on which supporters of Russia are compared; before it, the last.
    fixed = [t for t in ends if study.calendar.end(t).year <= 2024]
    return fixed[-1] if fixed else len(draws.data.coords["period"]) - 1


def _domains(study: Study, draws: Draws, pair: str) -> list[Row]:
    position, period = draws.data.coords["pair"].index(pair), _last_december(study, draws)
    first, last = study.domains[0], study.domains[-1]
    values = draws["alignment"][:, position, :, period]
    gap = values[:, 0] - values[:, -1]
    label = draws.data.coords["period"][period]
    return [
        {
            "name": f"{first} minus {last} alignment {pair}, {label}",
            "value": float(gap.mean()),
            "sentence": (
                f"P({first} above {last}) = {float((gap > 0).mean()):.2f}. The two have scales of "
                "their own, set by each domain's reference indicator."
            ),
        }
    ]


def _rates(study: Study, draws: Draws, pair: str, reverse: str) -> list[Row]:
    """Compare rates of directed acts in both directions up to the last shock."""
    shocks = [shock for shock in study.shocks if study.calendar.index(shock.date) > 0]
    periods = len(draws.data.coords["period"])
    last = shocks[-1].date if shocks else study.calendar.end(periods - 1)
    stop = min(study.calendar.index(last), periods)
    pairs = draws.data.coords["pair"]
    rows: list[Row] = []
    for position, indicator in enumerate(draws.data.indicators):
        if indicator.mutual or indicator.kind not in ("count", "binary"):
            continue
        if not _both_seen(draws, position, pairs.index(pair), pairs.index(reverse)):
            continue
        domain = study.domains.index(indicator.domain)
        rate = {}
        for one in (pair, reverse):
            state = draws["alignment"][:, pairs.index(one), domain, :stop]
            eta = draws["intercept"][:, [position]] + draws["signed_loading"][:, [position]] * state
            acts = np.exp(eta) if indicator.kind == "count" else -np.expm1(-np.exp(eta))
            rate[one] = acts.mean(axis=1)
        gap = rate[pair] - rate[reverse]
        until = study.calendar.label(stop - 1)
        what = "opportunity" if indicator.kind == "binary" else "period"
        rows.append(
            {
                "name": f"rate of {indicator.name} {pair} minus {reverse}, to {until}",
                "value": float(gap.mean()),
                "sentence": (
                    f"{rate[pair].mean():.2f} against {rate[reverse].mean():.2f} acts per {what}; "
                    f"P(difference > 0) = {float((gap > 0).mean()):.2f}."
                ),
            }
        )
    return rows


def _both_seen(draws: Draws, indicator: int, pair: int, reverse: int) -> bool:
    for terms in draws.data.terms.values():
        own = terms.pair[terms.indicator == indicator]
        if {pair, reverse} <= set(own.tolist()):
            return True
    return False
