"""From a model to a posterior: two engines, and one judgement of what came out."""

from forecast.inference.diagnostics import Diagnosis, diagnose
from forecast.inference.engines import ENGINES, sample
from forecast.inference.fast import sample_fast
from forecast.inference.nuts import sample_nuts
from forecast.inference.posterior import Posterior

__all__ = ["ENGINES", "Diagnosis", "Posterior", "diagnose", "sample", "sample_fast", "sample_nuts"]
