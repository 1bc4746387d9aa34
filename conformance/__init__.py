"""How an implementation is compared with the oracle: cases, bounds, the subject's child process, verdicts."""
