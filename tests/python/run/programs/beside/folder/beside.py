NAME = "beside"


def fail():
    raise ValueError("beside")
