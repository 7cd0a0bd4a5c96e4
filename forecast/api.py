"""The Python face of the toolkit: studies and runs.

Examples
--------
>>> study = forecast.Study.load("ukraine")  # doctest: +SKIP
>>> run = study.fit(as_of="2026-11-24")  # doctest: +SKIP
>>> run.forecasts["questions"][16]["probability"]  # doctest: +SKIP
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from forecast.clock import today
from forecast.errors import RunError, StudyError
from forecast.evidence.importers import import_table
from forecast.evidence.ledger import Ledger, ledger_place
from forecast.explain.basis import Basis
from forecast.explain.imagined import read_scenarios, scenario_of
from forecast.explain.weight import UNITS
from forecast.posterior import load_posterior
from forecast.priors import load_priors
from forecast.report import SignOff
from forecast.runs.answers import Explained, Imagined, Updated, Watched
from forecast.runs.basis import Saved, load_basis, stale, vintage_of
from forecast.runs.explaining import (
    Loaded,
    explain_run,
    find_question,
    imagine,
    probability_history,
    watch_run,
)
from forecast.runs.files import read_forecasts
from forecast.runs.fit import Fit, RunSettings
from forecast.runs.make import make_run
from forecast.runs.origins import SETTINGS, fit_origins
from forecast.runs.replay import Choices, Refits, replay_days
from forecast.runs.replayed import Replay
from forecast.runs.sign_offs import read_sign_offs
from forecast.runs.signing import Request, Signed, sign_off
from forecast.runs.tables import alignment_table
from forecast.runs.track_record import TrackRecord, score_study
from forecast.runs.update import UNCHANGED, carry_out, default_day, plan_update
from forecast.scoring.choice import At
from forecast.study.dates import parse_day
from forecast.study.load import load_study
from forecast.study.lock import holding
from forecast.study.models import Question
from forecast.study.models import Study as StudyData


@dataclass(frozen=True)
class Study:
    """A study with its ledger.

    Attributes
    ----------
    data : forecast.study.models.Study
        Its parts as plain values.
    """

    data: StudyData

    @classmethod
    def load(cls, source: str | Path) -> "Study":
        """Load a study from its directory, or a shipped one by its id.

        A shipped study named by id is read where ``./<id>`` exists, and else copied there first,
        as on the command line.

        Raises
        ------
        ProblemsError
            With every problem of the study at once.
        """
        from forecast.studies import copy_to, shipped

        directory = Path(source)
        if not directory.is_dir() and str(source) in shipped():
            copy_to(str(source), directory)
        study = cls(load_study(directory))
        study.fill_ledger()
        return study

    def __getattr__(self, name: str) -> Any:
        """Pass what is not here to the study's parts, such as ``study.pairs``."""
        if name == "data":
            raise AttributeError(name)
        return getattr(self.data, name)

    @property
    def questions(self) -> tuple[Question, ...]:
        """The study's questions."""
        return self.data.questions

    @property
    def ledger(self) -> Ledger:
        """The study's ledger, opened; use it in a ``with`` statement."""
        return Ledger.open(ledger_place(self.data))

    def fill_ledger(self) -> None:
        """Import ``evidence.csv`` into a ledger that holds nothing of the study's pairs yet."""
        file = self.data.directory / "evidence.csv"
        with self.ledger as ledger:
            if file.is_file() and not ledger.holds([pair.label for pair in self.data.pairs]):
                import_table(ledger, self.data, file)

    def fit(
        self,
        as_of: str | date | None = None,
        *,
        engine: str = "auto",
        progress: bool = True,
        say: Callable[[str], None] = lambda text: None,
        **settings: Any,
    ) -> "Run":
        """Fit the model as of a date, forecast the questions and write the run.

        Parameters
        ----------
        as_of : str or date, optional
            ISO date; by default the study's own, or today.
        engine : str
            ``auto``, ``fast`` or ``nuts``.
        progress : bool
            Show progress on standard error.
        say : callable
            Told in a few words what is being done.
        **settings
            ``seed``, ``draws``, ``tune``, ``chains``, ``start``: see
            :class:`forecast.runs.RunSettings`.

        Returns
        -------
        Run

        Raises
        ------
        FitError
            If sampling fails.
        BusyError
            If another process or thread writes runs of the study.
        """
        chosen = RunSettings(engine=engine, **settings)
        with holding(self.data.directory), self.ledger as ledger:
            directory = make_run(
                self.data, ledger, self._date(as_of), settings=chosen, progress=progress, say=say
            )
        return Run.open(directory)

    def fit_origins(
        self,
        origins: Iterable[str | date],
        *,
        progress: bool = False,
        say: Callable[[str], None] = lambda text: None,
        **settings: Any,
    ) -> Iterator[Fit]:
        """Fit the study as of one date after another and forecast its questions each time.

        Each fit reads what was known on its date, and starts where the one before ended; nothing
        is written.

        Parameters
        ----------
        origins : iterable of str or date
            ISO dates, in ascending order.
        progress, say
            As for :meth:`fit`.
        **settings
            As for :meth:`fit` but for ``start``; by default fewer draws than for a report.

        Returns
        -------
        iterator of forecast.runs.fit.Fit
            With ``panel``, ``questions``, ``draws``, ``diagnosis`` and ``posterior``.

        Raises
        ------
        ValueError
            If the dates do not ascend, or a start is named.
        FitError
            If sampling fails.
        """
        chosen = replace(SETTINGS, **settings)
        days = [self._date(origin) for origin in origins]
        # The ledger is closed at the end of the series, or here if the dates are refused.
        with ExitStack() as stack:
            ledger = stack.enter_context(self.ledger)
            fits = fit_origins(self.data, ledger, days, settings=chosen, progress=progress, say=say)
            return _closing(fits, stack.pop_all())

    def replay(
        self,
        first: str | date,
        last: str | date,
        *,
        run: "Run | None" = None,
        pairs: Sequence[str] = (),
        refit: Refits = "gate",
        say: Callable[[str], None] = lambda text: None,
        **settings: Any,
    ) -> Replay:
        """Go through days and forecast on each of them on what was known by its end.

        Each day weighs the draws of the last fit; where the gate refuses that, or a shock is dated
        to the day, the model is fitted again. Days that are done are kept in the study.

        Parameters
        ----------
        first, last : str or date
        run : Run, optional
            Where to begin; by default a fit as of the day before the first.
        pairs : sequence of str
            Whose rungs are told; by default those of the questions of the time.
        refit : str
            ``gate``; ``structure``: only where the model gets new parts; ``never``.
        say : callable
            Told in a few words what is being done.
        **settings
            Of the first fit, as for :meth:`fit`.

        Returns
        -------
        Replay
            With ``days``, ``questions``, ``rungs``, ``records`` and ``plot()``.

        Raises
        ------
        RunError
            If the run is not of an earlier day, or its draws no longer serve.
        BusyError
            If another process or thread writes runs of the study.
        """
        choices = Choices(tuple(pairs), refit, RunSettings(**settings))
        begun = None if run is None else Saved(run.directory)
        days = (self._date(first), self._date(last))
        with holding(self.data.directory), self.ledger as ledger:
            steps = replay_days(self.data, ledger, *days, run=begun, choices=choices, say=say)
            return Replay.of(self.data, steps)

    def score(self, *, at: At = "last") -> TrackRecord:
        """Score the forecasts of the questions that were answered, as signed and beside base rates.

        Parameters
        ----------
        at : str
            ``last``: the newest run before the answer was out; ``opening``: the first run in the
            question's window.
        """
        return score_study(self.data, at=at)

    def _date(self, as_of: str | date | None) -> date:
        if as_of is None:
            return self.data.default_as_of or today()
        if isinstance(as_of, date):
            return as_of
        try:
            return parse_day(as_of)
        except StudyError as error:
            raise StudyError(
                f"{as_of!r} is not a day", where="as_of", expected="YYYY-MM-DD"
            ) from error


def _closing(fits: Iterator[Fit], stack: ExitStack) -> Iterator[Fit]:
    with stack:
        yield from fits


@dataclass(frozen=True)
class Run:
    """A run as it stands on disk.

    Attributes
    ----------
    directory : Path
    """

    directory: Path

    @classmethod
    def open(cls, directory: str | Path) -> "Run":
        """Open a run directory.

        Raises
        ------
        RunError
            If it is not one.
        """
        path = Path(directory)
        if not (path / "manifest.json").is_file():
            raise RunError("not a run directory", where=str(path), expected="a manifest.json in it")
        return cls(path)

    def _read(self, name: str) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads((self.directory / name).read_text(encoding="utf-8"))
        return loaded

    @cached_property
    def forecasts(self) -> dict[str, Any]:
        """The object of forecasts.json."""
        return read_forecasts(self.directory / "forecasts.json")

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The run's manifest."""
        return self._read("manifest.json")

    @property
    def status(self) -> str:
        """``converged``, ``doubtful`` or ``failed``."""
        return str(self.forecasts["status"])

    @property
    def report_path(self) -> Path:
        """Where the HTML report is."""
        return self.directory / "report.html"

    @property
    def study_directory(self) -> Path:
        """Where the study of the run is."""
        return self.directory.resolve().parents[2]

    @property
    def sign_offs(self) -> tuple[SignOff, ...]:
        """Who signed the run, the oldest sign-off first."""
        return read_sign_offs(self.study_directory, self.directory.name)

    def sign_off(
        self, *, by: str, adjust: Mapping[str, float] | None = None, why: str = ""
    ) -> Signed:
        """Sign the run's forecasts, and make its report again to say so.

        Parameters
        ----------
        by : str
            The name of the person who signs.
        adjust : mapping of str to float, optional
            Probabilities by question, to stand beside the model's.
        why : str
            The reason; needed where anything is adjusted.

        Returns
        -------
        Signed
            The sign-off, and why the report is as it was, if it is.

        Raises
        ------
        ProblemsError
            With everything that is wrong at once; nothing is then recorded.
        """
        study = load_study(self.study_directory)
        request = Request(by=by, why=why, adjust=tuple((adjust or {}).items()))
        return sign_off(study, self.directory.resolve(), request)

    @cached_property
    def posterior(self) -> Any:
        """Draws as an ArviZ ``DataTree`` with named dims."""
        return load_posterior(self.directory)

    @property
    def study(self) -> Study:
        """The study that the run is of, as its files are now."""
        return Study(load_study(self.study_directory))

    @cached_property
    def _kept(self) -> list[Basis]:
        """The fit behind the run, once it is loaded."""
        return []

    def _basis(self, study: StudyData) -> Basis | None:
        """Return the fit that is loaded, if the study and its priors are what they were then."""
        kept = self._kept[0] if self._kept else None
        if kept is None or kept.study != study:
            return None
        priors = load_priors(study.prior_sets, study.directory)
        return None if stale(Saved(self.directory).fit, study, priors) else kept

    @contextmanager
    def _opened(self, ledger: Ledger | None) -> Iterator[tuple[StudyData, Ledger]]:
        study = self.study
        with ExitStack() as stack:
            yield study.data, ledger or stack.enter_context(study.ledger)

    @contextmanager
    def _loaded(self, ledger: Ledger | None) -> Iterator[tuple[StudyData, Loaded]]:
        with self._opened(ledger) as (study, opened):
            saved = Saved(self.directory)
            basis = self._basis(study) or load_basis(saved, study, opened)
            self._kept[:] = [basis]
            yield study, Loaded(saved, basis, vintage_of(saved, study, opened))

    def update(
        self,
        ledger: Ledger | None = None,
        *,
        as_of: str | date | None = None,
        write: bool = True,
        progress: bool = True,
        say: Callable[[str], None] = lambda text: None,
    ) -> Updated:
        """Let what was learned since the run act on its probabilities.

        Parameters
        ----------
        ledger : Ledger, optional
            By default the study's own.
        as_of : str or date, optional
            By default today, or the newest record's day where the study is held at a day.
        write : bool
            Write the new run, refitting where the gate refuses the weights. Otherwise only what
            reweighting finds is told.

        Returns
        -------
        Updated
            With ``table``, ``gates``, ``path`` and ``plot()``; ``Run.open(updated.directory)`` is
            the new run.

        Raises
        ------
        RunError
            If the ledger no longer holds what the run read, or the day is before the run's. Where
            the study, its priors or the program are no longer those of the fit, it is made anew.
        BusyError
            If another process or thread writes runs of the study.
        """
        with self._opened(ledger) as (study, opened):
            run = self.directory.resolve().name
            day = default_day(study, opened, run) if as_of is None else Study(study)._date(as_of)
            basis = self._basis(study)
            plan = plan_update(study, opened, self.directory, day, basis=basis, say=say)
            if plan.basis is not None:
                self._kept[:] = [plan.basis]
            if not write or plan.answer.path == UNCHANGED:
                return Updated(self.directory, plan.answer)
            with holding(self.study_directory):
                return Updated(*carry_out(plan, progress=progress, say=say))

    def explain(
        self,
        question: str,
        *,
        kinds: Sequence[str] = UNITS,
        refit: Sequence[str] = (),
        progress: bool = False,
        ledger: Ledger | None = None,
    ) -> Explained:
        """Weigh the evidence for a question, in bits.

        Parameters
        ----------
        question : str
            Its id.
        kinds : sequence of str
            What is left out: of ``record``, ``cluster``, ``source``, ``indicator``, ``domain``.
        refit : sequence of str
            Those that are worth a refit where the weights cannot be trusted, such as ``record``.

        Returns
        -------
        Explained
            With ``table``, ``unused``, ``history`` and ``plot()``.
        """
        with self._loaded(ledger) as (study, loaded):
            asked = find_question(study, question)
            found = explain_run(loaded, asked, kinds=kinds, refit=refit, progress=progress)
            return Explained(found, probability_history(study, question))

    def what_if(
        self,
        question: str,
        records: Sequence[str] = (),
        *,
        scenarios: str | Path | None = None,
        refit: bool = True,
        progress: bool = False,
        ledger: Ledger | None = None,
    ) -> Imagined:
        """Forecast a question as if records were known that are not.

        Parameters
        ----------
        question : str
            Its id.
        records : sequence of str
            Such as ``"CHN->RUS arms_transfer=1 2026-12 grade=B2 attribution=state"``; all are one
            scenario. Unless they say otherwise they are of grade B2 and unknown attribution.
        scenarios : path, optional
            A CSV file of scenarios.
        refit : bool
            Fit again where the weights cannot be trusted.
        """
        with self._loaded(ledger) as (study, loaded):
            imagined = [scenario_of(study, records)] if records else []
            if scenarios is not None:
                imagined += read_scenarios(study, Path(scenarios))
            asked = find_question(study, question)
            found = imagine(loaded, [asked], imagined, refit=refit, progress=progress)
        return Imagined(found)

    def watch(
        self,
        question: str,
        *,
        period: str | None = None,
        thresholds: Sequence[float] | None = None,
        grade: str = "B2",
        pairs: str = "dyad",
        ledger: Ledger | None = None,
    ) -> Watched:
        """Say which single observations would move a question, and what is worth watching.

        Parameters
        ----------
        question : str
            Its id.
        period : str, optional
            Label of the period watched; by default the rest of the current one, or the next.
        thresholds : sequence of float, optional
            Probabilities that matter when they are crossed.
        grade : str
            Admiralty grade of what is imagined.
        pairs : str
            ``dyad`` or ``all``.

        Returns
        -------
        Watched
            With ``tripwires``, ``collection`` and ``plot()``.
        """
        with self._loaded(ledger) as (study, loaded):
            found = watch_run(
                loaded,
                find_question(study, question),
                period=period,
                thresholds=thresholds,
                grade=grade,
                pairs=pairs,
            )
        return Watched(found)

    def plot_alignment(self, pairs: list[str] | None = None) -> Any:
        """Draw alignment by domain with its 90 % band; by default for the pairs asked about.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from forecast.report import figures

        table = alignment_table(self.posterior)
        asked = [question["pair"] for question in self.forecasts["questions"]]
        chosen = pairs or list(dict.fromkeys(asked))
        return figures.alignment(table, pairs=chosen, as_of=str(self.forecasts["as_of"]))
