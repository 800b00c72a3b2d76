# environment: PYTHONOPTIMIZE=2
def f():
    """Has gone."""


print(f.__doc__, __debug__)
