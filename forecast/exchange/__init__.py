"""What other programs read and write: tables of posterior summaries."""
