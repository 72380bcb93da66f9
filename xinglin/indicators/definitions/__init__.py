"""What indicators mean: definitions read, checked, and their language."""
