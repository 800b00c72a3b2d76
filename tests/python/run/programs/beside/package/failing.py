def fail():
    raise ValueError("in a module run by -m")


fail()
