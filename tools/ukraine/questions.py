"""Typed events for the questions and for the article's judgements, and base rates by rule."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Typed:
    """How a raw question or judgement is put into the event language, or why it is not."""

    event: str = ""
    resolves_on: str = "truth"
    key: str = "central"
    not_modelled: str = ""


QUESTIONS: dict[str, Typed] = {
    "Q01": Typed(
        event="max_rung >= lethal by state or any(military_training, by=state)", key="strict"
    ),
    "Q02": Typed(event="max_rung >= dual-use"),
    "Q03": Typed(event="max_rung >= lethal by state", key="strict"),
    "Q04": Typed(event="any(formal_charge, rung=lethal)", resolves_on="record"),
    "Q05": Typed(
        resolves_on="record",
        not_modelled="the question is whether a body states a known act in unconditional words; "
        "the model speaks of acts and of reports of them, not of who words them how",
    ),
    "Q06": Typed(event="max_rung >= lethal by state"),
    "Q07": Typed(event="max_rung >= lethal by state"),
    "Q08": Typed(event="max_rung >= troops by state"),
    "Q09": Typed(event="max_rung >= troops by state"),
    "Q10": Typed(event="max_rung >= troops by state"),
    "Q11": Typed(
        resolves_on="record",
        not_modelled="the ladder has one rung for arms: it does not tell ballistic missiles from "
        "the drones that Iran had already admitted",
    ),
    "Q12": Typed(event='level(un_vote_alignment, text="ES-11/6") == with', resolves_on="record"),
    "Q13": Typed(event='any(exercise_hosted, text="Zapad-2025")', resolves_on="record"),
    "Q14": Typed(event="count(joint_patrol_air) >= 2", resolves_on="record"),
    "Q15": Typed(event="value(trade_value) > 244.8", resolves_on="record"),
    "Q16": Typed(event="any(leader_visit, host=CHN)", resolves_on="record"),
    "Q17": Typed(event="max_rung >= lethal by state", key="strict"),
    "Q18": Typed(
        resolves_on="record",
        not_modelled="one contract of one pipeline, with a price: trade_deal counts deals of "
        "several kinds and a memorandum of 2025 is among them already",
    ),
    "Q19": Typed(event="value(trade_value) > 228.1", resolves_on="record"),
    "Q20": Typed(event="any(joint_patrol_air)", resolves_on="record"),
}

JUDGEMENTS: dict[str, Typed] = {
    "J01": Typed(event="max_rung >= economic by state"),
    "J02": Typed(event="max_rung >= lethal by state"),
    "J03": Typed(
        not_modelled="no indicator of a defence pact: the pair has none in the whole study, and "
        "treaty counts friendship and partnership too"
    ),
    "J04": Typed(event='level(un_vote_alignment, text="ES-11/1") == with'),
    "J05": Typed(
        not_modelled="reports of recognition share a rung with other words of support: the "
        "model does not tell them apart"
    ),
    "J06": Typed(not_modelled="requests are kept out of the likelihood"),
    "J07": Typed(not_modelled="no series of energy exports"),
    "J08": Typed(event="any(exercise_mutual)"),
    "J09": Typed(event="any(exercise_hosted)"),
    "J10": Typed(event="any(joint_patrol_air)"),
    "J11": Typed(not_modelled="arms sales to India are not covered: no row and no window"),
    "J12": Typed(
        not_modelled="not an event: compare the posterior of military alignment RUS->CHN with "
        "that of CHN->RUS at 2022-Q1"
    ),
}


@dataclass(frozen=True, kw_only=True)
class BaseRate:
    """The rule that gives a question's base rate, with what the rule needs.

    ``rule`` is rung (onset of a rung among supporters of Russia), opportunities (share of past ones
    that came out at ``level``), years (share of past years with ``at_least`` events), rises (share
    of past years above the year before), events (events a year) or ignorance. Each looks back over
    three years of evidence known at the opening.
    """

    rule: str
    indicators: tuple[str, ...] = ()
    level: str = ""
    prior: str = "support"
    at_least: int = 1


BASE_RATES: dict[str, BaseRate] = {
    "Q01": BaseRate(rule="rung", indicators=("arms_transfer", "military_training")),
    "Q02": BaseRate(
        rule="rung",
        indicators=(
            *("arms_transfer", "dualuse_transfer", "intelligence_sharing", "military_training"),
            "territory_access",
        ),
    ),
    "Q03": BaseRate(rule="rung", indicators=("arms_transfer",)),
    "Q04": BaseRate(rule="rung", indicators=("arms_transfer",)),
    "Q05": BaseRate(rule="ignorance"),
    "Q06": BaseRate(rule="rung", indicators=("arms_transfer",)),
    "Q07": BaseRate(rule="rung", indicators=("arms_transfer",)),
    "Q08": BaseRate(rule="rung", indicators=("troop_deployment",), prior="troops"),
    "Q09": BaseRate(rule="rung", indicators=("troop_deployment",), prior="troops"),
    "Q10": BaseRate(rule="rung", indicators=("troop_deployment",), prior="troops"),
    "Q11": BaseRate(rule="rung", indicators=("arms_transfer",)),
    "Q12": BaseRate(rule="opportunities", indicators=("un_vote_alignment",), level="with"),
    "Q13": BaseRate(rule="opportunities", indicators=("exercise_hosted",), level="1"),
    "Q14": BaseRate(rule="years", indicators=("joint_patrol_air",), at_least=2),
    "Q15": BaseRate(rule="rises", indicators=("trade_value",)),
    "Q16": BaseRate(rule="events", indicators=("leader_visit",)),
    "Q17": BaseRate(rule="rung", indicators=("arms_transfer",)),
    "Q18": BaseRate(rule="events", indicators=("trade_deal",)),
    "Q19": BaseRate(rule="rises", indicators=("trade_value",)),
    "Q20": BaseRate(rule="years", indicators=("joint_patrol_air",), at_least=1),
}
