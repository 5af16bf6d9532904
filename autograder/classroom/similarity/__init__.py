"""What several students' work has in common beyond what everybody's has: a hint where to look, never a verdict."""
