"""Tables, calls and laws drawn at random, and the plain loops that they are held against."""
