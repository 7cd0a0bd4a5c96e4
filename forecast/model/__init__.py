"""The alignment model: from a panel and priors to one ``pm.Model``."""

from forecast.model.build import build_model
from forecast.model.data import ModelData, build_data

__all__ = ["ModelData", "build_data", "build_model"]
