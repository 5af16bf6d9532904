"""A whole class: graded in phases, retrained, regraded, ranked, and compared for copies in `similarity`."""
