"""What follows from published counts, and what must be hidden so that little does (RULES 8)."""
