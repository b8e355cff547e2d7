"""Independent rooms: each turns segments and goals into one kind of answer; none imports another."""
