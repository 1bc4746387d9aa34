"""Cases drawn by chance: specs, shapes, dtypes, data and scripts by hypothesis, shrunk to the smallest that still fails."""
