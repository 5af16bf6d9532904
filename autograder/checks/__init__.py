"""What the authors of checks and recipes import: questions, cases, expectations."""
