"""Independent rooms: each gives one kind of answer; none imports another."""
