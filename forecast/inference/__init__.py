"""From a model to a posterior: NUTS, and the judgement of what came out."""

from forecast.inference.diagnostics import Diagnosis, diagnose
from forecast.inference.nuts import Posterior, sample_nuts

__all__ = ["Diagnosis", "Posterior", "diagnose", "sample_nuts"]
