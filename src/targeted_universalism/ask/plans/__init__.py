"""A plan, where its rows belong, what it leaves open, and who does what in it."""
