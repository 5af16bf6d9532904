"""What a notebook's saved outputs claim."""
