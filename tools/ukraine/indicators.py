"""The indicators of the study: one kind, unit, domain and level set each."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class IndicatorRow:
    """A row of ``indicators.csv``; the fields are its columns."""

    indicator: str
    domain: str
    kind: str
    levels: str = ""
    unit: str = ""
    polarity: str = "+1"
    mutual: str = "0"
    cost: str = "1"
    measures: str = "alignment"
    theatre: str
    definition: str
    transform: str = ""
    location: str = ""
    scale: str = ""
    lagged: str = "0"
    reference: str = "0"
    loading_prior_only: str = "0"
    release_lag: str = ""


_STATEMENT_LEVELS = "none|general|specific|mutual_defence"
_PRIOR = " Fewer than four records: loading = prior."
_AMOUNT = " Amounts in tons, euros, shells and items cannot be compared: they stand in the note."
_FINDING = " Value 0 is a finding of nothing."

SIGNALS = (
    IndicatorRow(
        indicator="un_vote_alignment",
        domain="rhetorical",
        kind="ordinal",
        levels="against|abstain|with",
        unit="vote",
        theatre="Ukraine",
        reference="1",
        definition="General Assembly vote of the supporter on a text against the recipient: "
        "against the recipient (yes), abstention or absence, with the recipient (no). Reference "
        "of its domain: 97 roll-call votes of 13 states on 14 texts, recorded whether or not "
        "they please.",
    ),
    IndicatorRow(
        indicator="unsc_veto_alignment",
        domain="rhetorical",
        kind="ordinal",
        levels="against|abstain|veto_with",
        unit="vote",
        theatre="other",
        definition="Security Council vote of the supporter on a text that the recipient vetoes: "
        "for the text, abstention, veto beside the recipient. Directed: Russia casts the veto, "
        "and what varies is whether the other joins.",
    ),
    IndicatorRow(
        indicator="unga_idealpoint_distance",
        domain="rhetorical",
        kind="continuous",
        unit="absolute distance of yearly ideal points, final-passage series",
        polarity="-1",
        mutual="1",
        theatre="other",
        location="0.5",
        scale="0.2",
        release_lag="212",
        definition="Distance between the yearly General Assembly ideal points of the two states. "
        "Smaller is closer, hence polarity -1. Centre 0.5 and scale 0.2 are declared, not "
        "fitted. The whole series became known with its file of July 2025.",
    ),
    IndicatorRow(
        indicator="leader_visit",
        domain="rhetorical",
        kind="count",
        unit="visits",
        theatre="bilateral",
        definition="Head of state (supporter, the guest) comes to the recipient (host) for talks "
        "or as guest of honour. Trips to a multilateral meeting in the host's country count only "
        "where recorded; the quarters of those that were not are cut out of coverage.",
    ),
    IndicatorRow(
        indicator="joint_statement",
        domain="rhetorical",
        kind="ordinal",
        levels=_STATEMENT_LEVELS,
        unit="level",
        mutual="1",
        theatre="Taiwan/Asia-Pacific",
        loading_prior_only="1",
        definition="Passage of a joint text that both sides sign: none, general, specific to a "
        "dispute, mutual defence. Exists only where recorded. Four records of two acts, all of "
        "one level: loading = prior.",
    ),
    IndicatorRow(
        indicator="support_other",
        domain="rhetorical",
        kind="ordinal",
        levels=_STATEMENT_LEVELS,
        unit="level",
        theatre="Taiwan/Asia-Pacific",
        definition="Statement or gesture of support on anything but Ukraine and NATO: none, "
        "general, specific to a dispute, mutual defence. A row that said only 'present' is "
        "general. Statements on Ukraine and NATO are reports (public_support).",
    ),
    IndicatorRow(
        indicator="treaty",
        domain="rhetorical",
        kind="count",
        unit="acts",
        mutual="1",
        cost="3",
        theatre="bilateral",
        definition="Signature, entry into force or extension of a state treaty of friendship, "
        "strategic partnership or alliance; a clause of mutual defence stands in the note. A "
        "promise on paper, hence rhetorical; deeds are other indicators.",
    ),
    IndicatorRow(
        indicator="hedging",
        domain="rhetorical",
        kind="binary",
        unit="opportunity",
        polarity="free",
        cost="2",
        theatre="other",
        definition="The supporter stops short: no endorsement, silence on a claimed deal, "
        "concern or restraint asked, a tie with a rival, a free chance to back the partner not "
        "used. Such rows follow closeness as often as they deny it: polarity free.",
    ),
    IndicatorRow(
        indicator="trade_value",
        domain="economic",
        kind="continuous",
        unit="US$ bn, both directions, Chinese customs, full year",
        mutual="1",
        cost="2",
        theatre="bilateral",
        transform="log",
        location="4.449",
        scale="0.216",
        lagged="1",
        reference="1",
        definition="Two-way goods trade of a full year, in logs, with last year's value. Centre "
        "and scale are mean and standard deviation of the logs of 2016-2018 alone, so that no "
        "value of the war years sets its own yardstick. Reference of its domain: official, "
        "yearly, one definition, published whatever its sign, while sanctions_compliance exists "
        "where the press found a story.",
    ),
    IndicatorRow(
        indicator="trade_deal",
        domain="economic",
        kind="count",
        unit="deals",
        cost="2",
        theatre="bilateral",
        definition="The supporter commits itself to buy from or invest in the recipient: "
        "contract, memorandum, first deliveries of pipeline gas, investment agreement.",
    ),
    IndicatorRow(
        indicator="sanctions_compliance",
        domain="economic",
        kind="binary",
        unit="opportunity",
        polarity="-1",
        cost="2",
        theatre="Ukraine",
        definition="Banks or firms of the supporter limit business with the recipient because of "
        "sanctions (1), or the state openly refuses to join sanctions (0).",
    ),
    IndicatorRow(
        indicator="exercise_mutual",
        domain="military",
        kind="count",
        unit="exercises",
        mutual="1",
        cost="2",
        theatre="bilateral",
        reference="1",
        definition="Announced exercise with forces of both: bilateral series, joint hosts, or a "
        "third country's waters. Reference of its domain: covered from 2012 on, zeros included, "
        "for more dyads than any other military signal.",
    ),
    IndicatorRow(
        indicator="exercise_hosted",
        domain="military",
        kind="binary",
        unit="opportunity",
        cost="2",
        theatre="other",
        definition="A strategic exercise of the recipient (host) to which the supporter sends "
        "forces (1) or not (0: absent, withdrawn, observers only). Russia: Vostok, Tsentr, "
        "Kavkaz, Zapad, Ocean. China: Zapad/Interaction-2021, Northern/Interaction.",
    ),
    IndicatorRow(
        indicator="joint_patrol_air",
        domain="military",
        kind="count",
        unit="patrols",
        mutual="1",
        cost="2",
        theatre="Taiwan/Asia-Pacific",
        definition="Joint strategic patrol of bombers, announced by the ministries.",
    ),
    IndicatorRow(
        indicator="joint_patrol_naval",
        domain="military",
        kind="count",
        unit="patrols",
        mutual="1",
        cost="2",
        theatre="Taiwan/Asia-Pacific",
        definition="Joint patrol of warships. The one submarine patrol counts as naval.",
    ),
    IndicatorRow(
        indicator="defence_agreement",
        domain="military",
        kind="count",
        unit="agreements",
        mutual="1",
        cost="2",
        theatre="bilateral",
        loading_prior_only="1",
        definition="Signed document of military co-operation below a treaty." + _PRIOR,
    ),
    IndicatorRow(
        indicator="arms_deliveries_tiv",
        domain="military",
        kind="continuous",
        unit="trend-indicator value, millions, delivered in the year",
        cost="3",
        theatre="bilateral",
        transform="log",
        location="6.33",
        scale="0.5",
        lagged="1",
        release_lag="90",
        definition="Derived volume of arms delivered in the year, in logs, with last year's "
        "value. Centre: mean of the logs of 2012-2014; scale declared (a factor of 1.65). The "
        "single orders behind it are arms_sale_overlap.",
    ),
    IndicatorRow(
        indicator="arms_sale",
        domain="military",
        kind="count",
        unit="orders",
        cost="3",
        theatre="bilateral",
        release_lag="90",
        definition="Order of arms outside any span at stake, for pairs without a volume series, "
        "and a contract that the series does not hold." + _AMOUNT,
    ),
    IndicatorRow(
        indicator="military_assistance_other",
        domain="military",
        kind="count",
        unit="acts",
        cost="3",
        theatre="bilateral",
        definition="Transfer of weapon technology, training, or deployment of troops outside any "
        "span at stake, as publicly stated. Merged from three kinds with one or two rows each.",
    ),
    IndicatorRow(
        indicator="military_refusal",
        domain="military",
        kind="binary",
        unit="opportunity",
        polarity="-1",
        cost="3",
        theatre="other",
        loading_prior_only="1",
        definition="The supporter acts against the partner in matters of arms: an agreed "
        "delivery suspended, arms that reach its opponent (1); such a flow stopped (0)." + _PRIOR,
    ),
    IndicatorRow(
        indicator="official_denial",
        domain="military",
        kind="binary",
        unit="opportunity",
        polarity="free",
        theatre="Ukraine",
        definition="Official denial of giving material support, or wording that excludes an "
        "alliance. Denials follow accusations: polarity free.",
    ),
    IndicatorRow(
        indicator="third_party_assessment",
        domain="military",
        kind="binary",
        unit="opportunity",
        polarity="free",
        theatre="Ukraine",
        loading_prior_only="1",
        definition="A third government says that support is prepared, or narrows an earlier "
        "charge: neither a delivery nor a finding of nothing." + _PRIOR,
    ),
)

REPORTS = (
    IndicatorRow(
        indicator="public_support",
        domain="rhetorical",
        kind="binary",
        unit="statement",
        measures="outcome:rhetorical",
        theatre="Ukraine",
        definition="Statement or gesture of support for the recipient on Ukraine or NATO.",
    ),
    IndicatorRow(
        indicator="recognition",
        domain="rhetorical",
        kind="binary",
        unit="act",
        cost="2",
        measures="outcome:rhetorical",
        theatre="Ukraine",
        definition="Recognition of entities that the recipient claims. Value 0: refused.",
    ),
    IndicatorRow(
        indicator="economic_aid",
        domain="economic",
        kind="binary",
        unit="act",
        measures="outcome:economic",
        theatre="Ukraine",
        definition="Relief, credit, or sanctions against third parties, because of the war."
        + _AMOUNT,
    ),
    IndicatorRow(
        indicator="dualuse_transfer",
        domain="military",
        kind="binary",
        unit="report",
        cost="2",
        measures="outcome:dual-use",
        theatre="Ukraine",
        definition="Non-lethal or dual-use goods: electronics, machine tools, engines, "
        "chemicals, optics." + _AMOUNT,
    ),
    IndicatorRow(
        indicator="military_training",
        domain="military",
        kind="binary",
        unit="report",
        cost="3",
        measures="outcome:dual-use",
        theatre="Ukraine",
        definition="Training of the other side's soldiers. A military act of the state without "
        "materiel: rung dual-use by this ladder." + _AMOUNT,
    ),
    IndicatorRow(
        indicator="intelligence_sharing",
        domain="military",
        kind="binary",
        unit="report",
        cost="3",
        measures="outcome:dual-use",
        theatre="Ukraine",
        definition="Imagery or intelligence given or sold.",
    ),
    IndicatorRow(
        indicator="territory_access",
        domain="military",
        kind="binary",
        unit="report",
        cost="3",
        measures="outcome:dual-use",
        theatre="Ukraine",
        definition="Territory, airspace or straits opened, nuclear or missile hosting. Value 0: "
        "closed by an official act.",
    ),
    IndicatorRow(
        indicator="arms_transfer",
        domain="military",
        kind="binary",
        unit="report",
        cost="3",
        measures="outcome:lethal",
        theatre="Ukraine",
        definition="Delivery, admission or official charge of complete weapons or ammunition to "
        "a recipient at stake. The claim is coded; its truth sits in the grade."
        + _AMOUNT
        + _FINDING,
    ),
    IndicatorRow(
        indicator="troop_deployment",
        domain="military",
        kind="binary",
        unit="report",
        cost="3",
        measures="outcome:troops",
        theatre="Ukraine",
        definition="Regular forces sent, or coded as a party to the war." + _AMOUNT + _FINDING,
    ),
)

KEPT_OUT = (
    IndicatorRow(
        indicator="leader_summit",
        domain="rhetorical",
        kind="count",
        unit="meetings",
        mutual="1",
        measures="none",
        theatre="bilateral",
        definition="Meeting of heads of state in a third country, call or video talk. Three "
        "recorded of dozens held: no window exists in which silence would mean zero, and a "
        "count without zeros would teach 'always one'.",
    ),
    IndicatorRow(
        indicator="trade_value_partyear",
        domain="economic",
        kind="continuous",
        unit="US$ bn, both directions, Chinese customs, part of a year",
        mutual="1",
        cost="2",
        measures="none",
        theatre="bilateral",
        definition="As trade_value for part of a year: the full-year row holds the same goods.",
    ),
    IndicatorRow(
        indicator="arms_sale_overlap",
        domain="military",
        kind="count",
        unit="orders",
        cost="3",
        measures="none",
        theatre="bilateral",
        definition="Orders of the arms register whose deliveries make up arms_deliveries_tiv: "
        "the same fact must not count twice, and the yearly volume has the longer and more even "
        "record.",
    ),
    IndicatorRow(
        indicator="energy_purchase",
        domain="economic",
        kind="continuous",
        unit="m barrels of crude a day",
        cost="2",
        measures="none",
        theatre="Ukraine",
        definition="Flow of crude. One figure has nothing to be compared with.",
    ),
    IndicatorRow(
        indicator="support_request",
        domain="military",
        kind="binary",
        unit="request",
        measures="none",
        theatre="Ukraine",
        definition="A request by the recipient became public: an opportunity, not support.",
    ),
    IndicatorRow(
        indicator="mediation",
        domain="rhetorical",
        kind="binary",
        unit="act",
        measures="none",
        theatre="Ukraine",
        definition="Peace paper, shuttle, or talk with the other belligerent: goes neither way.",
    ),
    IndicatorRow(
        indicator="foreign_fighters",
        domain="military",
        kind="binary",
        unit="report",
        measures="none",
        theatre="Ukraine",
        definition="Nationals in the ranks without proof that their state sent them: no act of a "
        "state, and firms and others cannot reach the rung of troops.",
    ),
    IndicatorRow(
        indicator="analyst_assessment",
        domain="rhetorical",
        kind="binary",
        unit="judgement",
        measures="none",
        theatre="other",
        definition="Judgement of the founding article, not an event: kept for scoring the "
        "article, never evidence. What it judged stands in the note.",
    ),
)

INDICATORS = SIGNALS + REPORTS + KEPT_OUT
