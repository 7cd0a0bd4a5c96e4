"""Prior sets: versioned TOML files of priors and fixed tables, with provenance."""

from forecast.priors.load import Prior, Priors, PriorSet, load_priors, shipped_prior_sets

__all__ = ["Prior", "PriorSet", "Priors", "load_priors", "shipped_prior_sets"]
