"""One picture a file, all on one canvas."""
