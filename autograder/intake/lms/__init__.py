"""What learning management systems write around the work that students hand in."""
