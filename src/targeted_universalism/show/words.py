def text(*a): return "x"
def html(*a): return "x"
def describe(*a): return "x"
