"""Pages whose examples are not run as they stand."""

# Its measure is not in the library: tests/test_docs.py follows the page in a copy.
collect_ignore = ["add-a-measure.md"]
