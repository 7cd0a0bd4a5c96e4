"""From a study and a vintage to tidy observations, with the record ids behind each of them."""

from forecast.panel.build import Panel, build_panel

__all__ = ["Panel", "build_panel"]
