"""What a study asks: its actors, pairs, indicators, ladder and questions, read and checked."""
