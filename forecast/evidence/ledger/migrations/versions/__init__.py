"""One module for each format; never changed once released."""
