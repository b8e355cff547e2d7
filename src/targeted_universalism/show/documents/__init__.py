"""Pages as files of other kinds than HTML: documents for word processors, and Markdown."""
