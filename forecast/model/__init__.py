"""The alignment model: from a panel and priors to one ``pm.Model``."""

from forecast.model.build import build_likelihood, build_model
from forecast.model.data import ModelData, build_data
from forecast.model.padding import Padded, pad_data

__all__ = ["ModelData", "Padded", "build_data", "build_likelihood", "build_model", "pad_data"]
