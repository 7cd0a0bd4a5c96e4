"""The one fit of the session and its run directory."""

from tests.plugins import fits

shared = fits.shared
