"""The classifier of appeals (CMU 858): codes that reports count by."""
