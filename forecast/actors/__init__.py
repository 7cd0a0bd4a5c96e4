"""The states of the world: their names, their numbers in public data sets, and their life spans.

Sources
-------
ISO codes, short and official names and Gleditsch-Ward numbers come from the package
``country_converter``. ``states.csv`` beside this file adds what no library holds: Correlates of War
numbers and dates of membership in the state system (Correlates of War Project, State System
Membership List, version 2016; facts, cited in NOTICE), states that have ended, further names, and
corrected Gleditsch-Ward numbers (Czechia 316, Vietnam 816, Yemen 678).
"""

from forecast.actors.lookup import Registry, System, registry
from forecast.actors.table import Actor

__all__ = ["Actor", "Registry", "System", "registry"]
