"""What a table holds that would lead an answer astray: one register, and what it looks at."""
