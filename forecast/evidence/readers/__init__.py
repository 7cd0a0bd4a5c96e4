"""Reads public data sets about pairs of states into rows of evidence.

One module per format yields what a file says; a mapping (``mappings/NAME.toml``) says which
indicator each variable of the file goes to; ``read_public`` joins the two for a study.
"""

from forecast.evidence.readers.catalogue import FORMATS
from forecast.evidence.readers.mapping import indicator_rows, show_mapping
from forecast.evidence.readers.reading import Reading, read_public

__all__ = ["FORMATS", "Reading", "indicator_rows", "read_public", "show_mapping"]
