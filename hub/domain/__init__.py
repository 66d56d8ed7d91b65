"""The shared vocabulary: no I/O, no vendor words, nothing above this package."""
