"""Measurements of speed and memory: `python -m benchmarks.NAME` from the repository's root; docs/performance.md."""
