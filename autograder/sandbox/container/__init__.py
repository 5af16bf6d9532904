"""Tier 3: a container of docker or podman around the warm process."""
