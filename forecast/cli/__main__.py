"""Lets ``python -m forecast.cli`` run the command line."""

from forecast.cli import main

main()
