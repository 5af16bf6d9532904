"""Marks deep-learning notebooks: isolates what students wrote, compares what it computes, explains every mark."""

__version__ = "0.1.0"
