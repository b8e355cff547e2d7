"""Values that people look at before they set a goal: what is known today, and ways from there."""
