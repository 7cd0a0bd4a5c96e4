"""The small study whose prior is asked how it behaves."""

from tests.plugins import fits

fit_study_data = fits.fit_study_data
