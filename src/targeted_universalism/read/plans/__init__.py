"""A plan as it comes in a table: its columns, words and numbers, each read and checked once."""
