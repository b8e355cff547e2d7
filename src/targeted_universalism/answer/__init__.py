"""What ``assess`` finds: rates, gaps to the goal, people needed, and how reliable they are."""
