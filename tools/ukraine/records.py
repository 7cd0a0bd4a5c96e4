"""What happens to each raw record: the rule of its raw indicator, then the exception by its id."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What a rule or an exception sets; None leaves the field to the rule or to the raw row.

    Attributes
    ----------
    indicator, value
        As written to ``evidence.csv``.
    date, precision
        Of the event, where the act is dated elsewhere than in the raw row.
    mutual
        "0" or "1"; by default that of the indicator.
    attribution
        state, firm or unknown; for reports on the ladder.
    theatre
        By default that of the indicator.
    alone
        The record leaves its raw cluster: it tells of another act.
    reversed
        Supporter and recipient change places.
    why
        Appended to the note where the mending changes what the row says.
    """

    indicator: str | None = None
    value: str | None = None
    date: str | None = None
    precision: str | None = None
    mutual: str | None = None
    attribution: str | None = None
    theatre: str | None = None
    alone: bool = False
    reversed: bool = False
    why: str = ""


#: Raw indicator -> what its rows become unless an exception says otherwise.
RULES: dict[str, Decision] = {
    "alliance_denial": Decision(indicator="official_denial", theatre="bilateral"),
    "analyst_assessment": Decision(indicator="analyst_assessment", value="1"),
    "arms_deliveries_tiv": Decision(indicator="arms_deliveries_tiv"),
    "arms_to_adversary": Decision(indicator="military_refusal", theatre="Ukraine"),
    "arms_transfer": Decision(indicator="arms_transfer", value="1", attribution="state"),
    "countersanction": Decision(indicator="economic_aid", value="1", attribution="state"),
    "defence_agreement": Decision(indicator="defence_agreement", value="1"),
    "dualuse_transfer": Decision(indicator="dualuse_transfer", value="1", attribution="firm"),
    "energy_purchase": Decision(indicator="energy_purchase"),
    "exercise_absence": Decision(indicator="exercise_hosted", value="0", theatre="NATO"),
    "exercise_observer": Decision(
        indicator="exercise_hosted",
        value="0",
        theatre="NATO",
        why="observers are not forces: the opportunity was not taken",
    ),
    "foreign_fighters": Decision(indicator="foreign_fighters", value="1"),
    "hedging": Decision(indicator="hedging", value="1"),
    "humanitarian_aid": Decision(indicator="economic_aid", value="1", attribution="state"),
    "intelligence_sharing": Decision(
        indicator="intelligence_sharing", value="1", attribution="unknown"
    ),
    "joint_exercise": Decision(indicator="exercise_mutual", value="1"),
    "joint_patrol": Decision(indicator="joint_patrol_air", value="1"),
    "joint_statement_support": Decision(indicator="support_other"),
    "leader_contact": Decision(indicator="leader_summit", value="1"),
    "leader_summit": Decision(indicator="leader_visit", value="1"),
    "mediation": Decision(indicator="mediation"),
    "military_training": Decision(indicator="military_training", value="1", attribution="state"),
    "non_endorsement": Decision(indicator="hedging", value="1", theatre="Ukraine"),
    "public_support": Decision(indicator="public_support", value="1", attribution="state"),
    "recognition": Decision(indicator="recognition", attribution="state"),
    "refusal": Decision(indicator="military_refusal", value="1"),
    "sanctions_compliance": Decision(indicator="sanctions_compliance"),
    "support_denial": Decision(indicator="official_denial", value="1"),
    "support_request": Decision(indicator="support_request"),
    "tech_transfer": Decision(indicator="military_assistance_other", value="1"),
    "territory_access": Decision(indicator="territory_access", attribution="state"),
    "third_party_assessment": Decision(indicator="third_party_assessment", value="1"),
    "trade_deal": Decision(indicator="trade_deal", value="1"),
    "trade_value": Decision(indicator="trade_value"),
    "trade_value_partyear": Decision(indicator="trade_value_partyear"),
    "treaty": Decision(indicator="treaty", value="1"),
    "troop_deployment": Decision(indicator="troop_deployment", value="1", attribution="state"),
    "un_vote_alignment": Decision(indicator="un_vote_alignment"),
    "unga_idealpoint_distance": Decision(indicator="unga_idealpoint_distance"),
    "unsc_veto_alignment": Decision(indicator="unsc_veto_alignment", theatre="Syria"),
}

#: Raw numbers of ordinals -> levels.
LEVELS: dict[str, dict[str, str]] = {
    "un_vote_alignment": {"-1": "against", "0": "abstain", "1": "with"},
    "unsc_veto_alignment": {"-1": "against", "0": "abstain", "1": "veto_with"},
    "support_other": {"0": "none", "1": "general", "2": "specific", "3": "mutual_defence"},
    "joint_statement": {"0": "none", "1": "general", "2": "specific", "3": "mutual_defence"},
}

_ASSESSMENT = Decision(
    indicator="analyst_assessment",
    value="1",
    why="a judgement of the article, not an event",
)
_SERIES = Decision(
    indicator="exercise_mutual",
    value="0",
    mutual="1",
    theatre="Taiwan/Asia-Pacific",
    why="a year of the series without an edition: a checked zero",
)
_ORDER = Decision(indicator="arms_sale_overlap", value="1")
_SALE = Decision(indicator="arms_sale", value="1")
_TRAINING = Decision(
    date="2025-10",
    precision="quarter",
    why="dated at the training of late 2025 that the statement confirms",
)
_NO_ARMS = Decision(
    indicator="arms_transfer",
    value="0",
    attribution="unknown",
    why="a government with access to intelligence says that it sees no weapons: a finding of "
    "nothing on the lethal rung",
)
_TAIWAN = Decision(theatre="Taiwan/Asia-Pacific")
_PUTIN_IN_CHINA = Decision(reversed=True, why="the guest is the supporter: a visit of RUS to CHN")
_NAVAL = Decision(indicator="joint_patrol_naval", value="1")
_UKRAINE_DRAFT = Decision(theatre="Ukraine")

#: Record id -> what differs from the rule of its raw indicator.
EXCEPTIONS: dict[str, Decision] = {
    # Judgements of the article that were coded as events.
    "CHN-RUS-201403-01": _ASSESSMENT,
    "CHN-RUS-20220204-11": _ASSESSMENT,
    "RUS-CHN-20220204-02": _ASSESSMENT,
    "RUS-CHN-20220204-03": _ASSESSMENT,
    # Arms: orders inside the volume series, sales outside any span at stake, firms, acts re-dated.
    "RUS-CHN-2014-02": _ORDER,
    "RUS-CHN-2015-02": _ORDER,
    "RUS-CHN-2015-03": _ORDER,
    "RUS-CHN-2015-04": _ORDER,
    "RUS-CHN-2019-02": _ORDER,
    "RUS-CHN-2019-03": _ORDER,
    "RUS-CHN-2023-02": _SALE,
    "RUS-IRN-2022-01": _SALE,
    "RUS-SRB-2016-01": _SALE,
    "RUS-SRB-2016-02": _SALE,
    "RUS-SRB-2018-01": _SALE,
    "CHN-RUS-2022-01": Decision(
        date="2023",
        precision="year",
        attribution="unknown",
        why="dated at the delivery; the order is of 2022; who gave it is not said",
    ),
    "CHN-RUS-20250925-01": Decision(
        date="2024",
        precision="year",
        attribution="firm",
        alone=True,
        why="dated at the deliveries of 2024, reported on 2025-09-25; another maker than Garpiya's",
    ),
    "CHN-RUS-202409-01": Decision(attribution="firm"),
    "CHN-RUS-20241017-01": Decision(attribution="firm"),
    "CHN-RUS-202411-01": Decision(attribution="firm"),
    "CHN-RUS-20250417-01": Decision(attribution="unknown"),
    "PRK-RUS-2023-01": Decision(alone=True, why="missiles: another act than the shells"),
    "PRK-RUS-2024-01": Decision(alone=True, why="guns: another act than the shells"),
    "SRB-UKR-20240622-01": Decision(attribution="firm"),
    "TUR-UKR-20220224-01": Decision(attribution="unknown"),
    # Findings of nothing.
    "CHN-RUS-20230226-01": _NO_ARMS,
    "CHN-RUS-202404-01": _NO_ARMS,
    "CHN-RUS-20240409-01": _NO_ARMS,
    "CHN-RUS-20260601-01": Decision(
        indicator="arms_transfer",
        value="0",
        attribution="state",
        why="a belligerent that would gain from the charge says that there is no direct military "
        "help: a finding of nothing on the lethal rung by the state",
    ),
    "KAZ-RUS-20220225-02": Decision(
        indicator="troop_deployment",
        value="0",
        attribution="state",
        theatre="Ukraine",
        why="refused troops are a finding of nothing on the rung of troops",
    ),
    "SYR-RUS-202206-01": Decision(value="0"),
    # A charge of dual-use supply that was coded as an assessment.
    "CHN-RUS-20260224-01": Decision(indicator="dualuse_transfer", value="1", attribution="unknown"),
    "CHN-RUS-2015-01": Decision(attribution="unknown", theatre="bilateral"),
    "CHN-RUS-20240910-01": Decision(attribution="unknown"),
    # Training, technology, territory and troops.
    "BLR-RUS-20221010-01": Decision(
        indicator="territory_access",
        value="1",
        attribution="state",
        why="a joint group of forces opens Belarus to Russian troops",
    ),
    "CHN-RUS-20260612-01": _TRAINING,
    "CHN-RUS-20260615-01": _TRAINING,
    "CHN-RUS-20260702-01": _TRAINING,
    "RUS-CHN-202506-01": Decision(
        indicator="military_assistance_other", value="1", attribution="", theatre="bilateral"
    ),
    "RUS-KAZ-202201-01": Decision(
        indicator="military_assistance_other", value="1", attribution="", theatre="other"
    ),
    "CHN-RUS-20230126-01": Decision(attribution="firm"),
    # The stop of a flow to the opponent is the zero of the flow.
    "SRB-RUS-20250529-01": Decision(value="1", alone=True),
    "SRB-RUS-20250623-01": Decision(
        value="0", alone=True, why="the stop of the flow: value 0 of it, apart from the charge"
    ),
    "RUS-CHN-202007-01": Decision(theatre="bilateral"),
    "IRN-RUS-20250117-01": Decision(value="1"),
    "RUS-CHN-20220125-01": Decision(value="1"),
    # Exercises: strategic ones are opportunities of the visitor, series and third waters mutual.
    "CHN-RUS-2018-01": _SERIES,
    "CHN-RUS-2020-01": _SERIES,
    "CHN-RUS-2023-02": _SERIES,
    "IND-RUS-20200910-01": Decision(theatre="other"),
    "CHN-RUS-20180911-01": Decision(indicator="exercise_hosted", theatre="other"),
    "CHN-RUS-20190916-01": Decision(indicator="exercise_hosted", theatre="other"),
    "CHN-RUS-20200921-01": Decision(indicator="exercise_hosted", theatre="other"),
    "BLR-RUS-20200921-01": Decision(indicator="exercise_hosted", theatre="other"),
    "IRN-RUS-20200921-01": Decision(indicator="exercise_hosted", theatre="other"),
    "MMR-RUS-20200921-01": Decision(indicator="exercise_hosted", theatre="other"),
    "CHN-RUS-20220901-01": Decision(indicator="exercise_hosted", theatre="other"),
    "BLR-RUS-20220901-01": Decision(indicator="exercise_hosted", theatre="other"),
    "IND-RUS-20220901-01": Decision(indicator="exercise_hosted", theatre="other"),
    "KAZ-RUS-20220901-01": Decision(indicator="exercise_hosted", theatre="other"),
    "SYR-RUS-20220901-01": Decision(indicator="exercise_hosted", theatre="other"),
    "CHN-RUS-20240910-02": Decision(indicator="exercise_hosted", theatre="other"),
    "IND-RUS-20250912-01": Decision(indicator="exercise_hosted", theatre="NATO"),
    "IRN-RUS-20250912-01": Decision(indicator="exercise_hosted", theatre="NATO"),
    "RUS-CHN-202108-01": Decision(indicator="exercise_hosted", theatre="Taiwan/Asia-Pacific"),
    "RUS-CHN-202307-01": Decision(indicator="exercise_hosted", theatre="Taiwan/Asia-Pacific"),
    "RUS-CHN-20240910-01": Decision(indicator="exercise_hosted", theatre="Taiwan/Asia-Pacific"),
    "CHN-RUS-20170722-01": Decision(theatre="NATO", why="an edition of the bilateral series"),
    "RUS-CHN-2016-02": _TAIWAN,
    "BLR-RUS-2017-01": Decision(theatre="NATO"),
    "BLR-RUS-20250912-01": Decision(theatre="NATO"),
    # Patrols of ships; the submarine patrol with them.
    "CHN-RUS-20220915-01": _NAVAL,
    "CHN-RUS-20240714-01": _NAVAL,
    "CHN-RUS-20240927-01": _NAVAL,
    "CHN-RUS-20250806-01": _NAVAL,
    "CHN-RUS-20250827-01": _NAVAL,
    "RUS-CHN-202110-01": _NAVAL,
    # Meetings: the guest is the supporter; in a third country, or a call to the other belligerent.
    "CHN-RUS-20140520-01": _PUTIN_IN_CHINA,
    "CHN-RUS-20160625-01": _PUTIN_IN_CHINA,
    "CHN-RUS-20180608-01": _PUTIN_IN_CHINA,
    "CHN-RUS-20220204-09": _PUTIN_IN_CHINA,
    "CHN-RUS-20240516-01": _PUTIN_IN_CHINA,
    "CHN-RUS-20250902-01": _PUTIN_IN_CHINA,
    "CHN-RUS-20260520-01": _PUTIN_IN_CHINA,
    "CHN-RUS-20220915-02": Decision(indicator="leader_summit"),
    "CHN-UKR-20230426-01": Decision(
        indicator="mediation", why="a call to the other belligerent that promised an envoy"
    ),
    # Statements: on Ukraine and NATO they are reports, on the rest signals.
    "CHN-RUS-20220204-05": Decision(
        indicator="public_support", value="1", attribution="state", theatre="NATO"
    ),
    "CHN-RUS-20220204-06": Decision(
        indicator="public_support", value="1", attribution="state", theatre="NATO"
    ),
    "CHN-RUS-202202-01": Decision(theatre="NATO"),
    "CHN-RUS-20220204-07": Decision(indicator="joint_statement", theatre="other"),
    "CHN-RUS-20220204-08": Decision(
        indicator="joint_statement", theatre="other", why="its own scale's 'vague' read as general"
    ),
    "RUS-CHN-202111-04": Decision(indicator="joint_statement"),
    "RUS-CHN-20220204-06": Decision(indicator="joint_statement"),
    "RUS-CHN-20220204-05": Decision(alone=True, why="another statement than that on AUKUS"),
    "CHN-RUS-202201-03": Decision(
        indicator="support_other", value="general", attribution="", theatre="other"
    ),
    "CHN-RUS-202201-04": Decision(
        indicator="support_other", value="general", attribution="", theatre="other"
    ),
    "RUS-CHN-20220203-01": Decision(
        indicator="support_other", value="general", attribution="", theatre="bilateral"
    ),
    "RUS-CHN-20220204-07": Decision(
        indicator="support_other", value="general", attribution="", theatre="other"
    ),
    "RUS-CHN-202511-01": Decision(indicator="support_other", value="general", attribution=""),
    "CHN-RUS-20250902-02": Decision(theatre="bilateral"),
    "CHN-RUS-202201-01": Decision(theatre="other"),
    # Drafts of the Security Council on Ukraine; the other texts are on Syria.
    "CHN-RUS-20140315-01": _UKRAINE_DRAFT,
    "ARE-RUS-20220225-01": _UKRAINE_DRAFT,
    "ARE-RUS-20220930-01": _UKRAINE_DRAFT,
    "CHN-RUS-20220225-01": _UKRAINE_DRAFT,
    "CHN-RUS-20220930-01": _UKRAINE_DRAFT,
    "IND-RUS-20220225-01": _UKRAINE_DRAFT,
    "IND-RUS-20220930-01": _UKRAINE_DRAFT,
    # Territory.
    "BLR-RUS-20230525-01": Decision(theatre="NATO"),
    "BLR-RUS-20231225-01": Decision(theatre="NATO"),
    "BLR-RUS-202512-01": Decision(theatre="NATO"),
}

#: Raw clusters that are a series, not one act.
DISSOLVED = frozenset({"sipri_tiv"})

#: Raw units that add nothing to the note of an event.
SILENT_UNITS = frozenset(
    {
        "absence",
        "agreement",
        "air patrol",
        "assessment",
        "exercise",
        "meeting",
        "naval patrol",
        "observer",
        "reported",
        "statement",
        "submarine patrol",
        "treaty",
    }
)

#: Sources whose date of knowledge is that of a file's release, not of the event's publication.
FILE_VINTAGES = frozenset(
    {
        "SIPRI trade register",
        "SIPRI trade register (derived)",
        "UNGA ideal points July 2025",
        "UCDP/PRIO ACD via peacesciencer",
    }
)

#: Wording mended in notes and sources.
WORDING: dict[str, str] = {
    "the seed judges": "the article judges",
    "The founding forecast of the seed": "The founding forecast of the article",
    "the seed forecast fails": "the article's forecast fails",
    "Repeats the Zapad-2021 absence of the seed": "Repeats the Zapad-2021 absence",
    "None found in the store for 2026": "None found for 2026",
    "nothing searched later is in the store": "nothing later was read",
    " (search result without address)": " (no address kept)",
    "the source excerpt": "the source",
    "000_a1a0257bd3896e23.txt": "founding article, not included",
}
