"""A whole class: graded in phases, retrained, regraded, ranked."""
