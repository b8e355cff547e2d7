"""An answer in, words and pictures out: nothing is computed here beyond sorting and rounding."""
