"""One question a file, asked of an answer; none imports another."""
