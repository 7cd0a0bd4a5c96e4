"""Where and when silence about an event count means zero, and the holes in it."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Window:
    """A stretch of ``coverage.csv`` in which silence is zero, with holes cut out as missing."""

    indicator: str
    pairs: str
    start: str
    end: str
    reason: str
    holes: tuple[tuple[str, str, str], ...] = ()


_THIN = (
    "2026 is thin: nothing dated after 4 July 2026 was found, and what was not found is no evidence"
)
_JME_NONE = (
    "the Russian ministry's own list of joint exercises (2009-2018) names none with this state"
)

ZERO_WINDOWS = (
    Window(
        indicator="leader_visit",
        pairs="CHN->RUS",
        start="2012-01-01",
        end="2026-06-30",
        reason="visits of Xi are listed by China Vitae to 2018 and are front-page news after",
        holes=(
            ("2013-07-01", "2013-09-30", "trip to a multilateral meeting in Russia not coded"),
            ("2015-07-01", "2015-09-30", "trip to a multilateral meeting in Russia not coded"),
            ("2024-10-01", "2024-12-31", "trip to a multilateral meeting in Russia not coded"),
        ),
    ),
    Window(
        indicator="leader_visit",
        pairs="RUS->CHN",
        start="2012-01-01",
        end="2026-06-30",
        reason="visits of Putin to China are listed by China Vitae to 2018 and are front-page "
        "news after",
        holes=(
            ("2012-04-01", "2012-06-30", "trip to a multilateral meeting in China not coded"),
            ("2014-10-01", "2014-12-31", "trip to a multilateral meeting in China not coded"),
            ("2015-07-01", "2015-09-30", "trip to the parade of September 2015 not coded"),
            ("2016-07-01", "2016-09-30", "trip to a multilateral meeting in China not coded"),
            ("2017-04-01", "2017-09-30", "trips to multilateral meetings in China not coded"),
            ("2019-04-01", "2019-06-30", "trip to a multilateral meeting in China not coded"),
            ("2023-10-01", "2023-12-31", "trip to a multilateral meeting in China not coded"),
        ),
    ),
    Window(
        indicator="leader_visit",
        pairs="RUS->IND",
        start="2020-04-01",
        end="2021-12-31",
        reason="the article counts Putin's trips abroad in the COVID-19 period: New Delhi was "
        "the second of all",
    ),
    Window(
        indicator="treaty",
        pairs="CHN->RUS",
        start="2012-01-01",
        end="2026-06-30",
        reason="a state treaty of the two would be front-page news; followed to the summit of "
        "May 2026",
    ),
    Window(
        indicator="treaty",
        pairs="IRN->RUS PRK->RUS VEN->RUS IND->RUS CUB->RUS TUR->RUS ARE->RUS SRB->RUS MMR->RUS",
        start="2012-01-01",
        end="2025-12-31",
        reason="a state treaty of friendship, partnership or alliance is announced by both sides; "
        "states without one are in the window too, so that it is not chosen by its events. BLR, "
        "KAZ and SYR are left out: treaties of theirs were not gathered",
    ),
    Window(
        indicator="trade_deal",
        pairs="CHN->RUS",
        start="2012-01-01",
        end="2025-12-31",
        reason="pipeline-gas contracts, memoranda and first deliveries are announced by the "
        "companies",
        holes=(
            ("2014-10-01", "2014-12-31", "framework text on a western route not coded"),
            ("2015-04-01", "2015-06-30", "heads of agreement on a western route not coded"),
        ),
    ),
    Window(
        indicator="exercise_mutual",
        pairs="CHN->RUS",
        start="2012-01-01",
        end="2025-12-31",
        reason="ministry list to 2018, itemised press and ministry announcements after",
        holes=(("2021-07-01", "2021-12-31", "Peace Mission-2021 and Joint Sea-2021: not sourced"),),
    ),
    Window(
        indicator="exercise_mutual",
        pairs="IRN->RUS",
        start="2012-01-01",
        end="2025-12-31",
        reason="no exercise in the ministry list to 2018; the naval series with China is "
        "announced by three ministries after",
        holes=(
            ("2019-10-01", "2019-12-31", "Security Belt 2019: not sourced"),
            ("2021-01-01", "2021-03-31", "second edition of the series: not sourced"),
            ("2023-01-01", "2023-03-31", "Security Belt 2023: not sourced"),
        ),
    ),
    Window(
        indicator="exercise_mutual",
        pairs="PRK->RUS SYR->RUS CUB->RUS MMR->RUS ARE->RUS TUR->RUS VEN->RUS",
        start="2012-01-01",
        end="2018-12-31",
        reason=_JME_NONE,
    ),
    Window(
        indicator="exercise_mutual",
        pairs="MMR->RUS",
        start="2024-01-01",
        end="2025-12-31",
        reason="exercises with Myanmar followed in these two years",
    ),
    Window(
        indicator="exercise_mutual",
        pairs="IND->RUS",
        start="2015-01-01",
        end="2016-12-31",
        reason="ministry list, every exercise with India in these years coded",
    ),
    Window(
        indicator="exercise_mutual",
        pairs="IND->RUS KAZ->RUS SRB->RUS",
        start="2018-01-01",
        end="2018-12-31",
        reason="ministry list, every exercise with this state in this year coded",
    ),
    Window(
        indicator="exercise_mutual",
        pairs="SRB->RUS",
        start="2012-01-01",
        end="2014-12-31",
        reason=_JME_NONE,
    ),
    Window(
        indicator="exercise_mutual",
        pairs="BLR->RUS",
        start="2025-01-01",
        end="2025-09-30",
        reason="followed for the question on Zapad-2025; before, one exercise a year was coded "
        "where the ministry list has two or three, so that silence says nothing",
    ),
    Window(
        indicator="joint_patrol_air",
        pairs="CHN->RUS",
        start="2012-01-01",
        end="2025-12-31",
        reason="Tokyo and Seoul report every approach of bombers to their zones and both "
        "ministries announce; begun long before the first patrol of 2019, or the window would be "
        "chosen by its events",
    ),
    Window(
        indicator="joint_patrol_naval",
        pairs="CHN->RUS",
        start="2012-01-01",
        end="2025-12-31",
        reason="joint passages round Japan are tracked by Tokyo and announced; begun long before "
        "the first of 2021",
        holes=(("2023-07-01", "2023-09-30", "the third patrol was not sourced"),),
    ),
    Window(
        indicator="defence_agreement",
        pairs="CHN->RUS",
        start="2012-01-01",
        end="2025-12-31",
        reason="plans of the ministries become public; a secret one came out after ten months",
        holes=(("2017-04-01", "2017-06-30", "a plan of that spring not coded"),),
    ),
    Window(
        indicator="defence_agreement",
        pairs="CUB->RUS",
        start="2022-01-01",
        end="2025-12-31",
        reason="one agreement, ratified in public, in the years in which Cuba was followed",
    ),
    Window(
        indicator="arms_sale",
        pairs="RUS->SRB",
        start="2012-01-01",
        end="2024-12-31",
        reason="arms register to 2024",
        holes=(
            ("2015-01-01", "2015-12-31", "register orders of this year not coded"),
            ("2019-01-01", "2019-12-31", "register orders of this year not coded"),
            ("2021-01-01", "2021-12-31", "register orders of this year not coded"),
        ),
    ),
    Window(
        indicator="arms_sale",
        pairs="RUS->IRN",
        start="2012-01-01",
        end="2024-12-31",
        reason="arms register to 2024",
        holes=(
            ("2015-01-01", "2015-12-31", "register orders of this year not coded"),
            ("2023-01-01", "2023-12-31", "register orders of this year not coded"),
        ),
    ),
    Window(
        indicator="arms_sale",
        pairs="RUS->CHN",
        start="2020-01-01",
        end="2024-12-31",
        reason="no order in the arms register in these years; before, orders are inside "
        "arms_deliveries_tiv",
    ),
    Window(
        indicator="military_assistance_other",
        pairs="RUS->CHN RUS->KAZ",
        start="2012-01-01",
        end="2025-12-31",
        reason="counts what is publicly stated: a deployment under the CSTO or a statement on "
        "technology or training would have been reported",
    ),
)

#: Signals that exist only where recorded.
RECORDED_ONLY = (
    "un_vote_alignment",
    "unsc_veto_alignment",
    "unga_idealpoint_distance",
    "joint_statement",
    "support_other",
    "hedging",
    "trade_value",
    "sanctions_compliance",
    "exercise_hosted",
    "arms_deliveries_tiv",
    "military_refusal",
    "official_denial",
    "third_party_assessment",
)
RECORDED_ONLY_REASON = (
    "votes, values, statements and stated opportunities exist only where recorded"
)

#: What silence means after the windows of a count end.
THIN = _THIN
