"""From one notebook to its verdicts."""
