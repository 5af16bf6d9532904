"""What people decide: marks by hand, extensions, whose an attempt is; each an event that can be undone."""
