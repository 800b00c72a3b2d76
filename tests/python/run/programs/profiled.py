import cProfile
import pstats


def f():
    return sum(range(10))


profile = cProfile.Profile()
profile.runcall(f)
print(sorted(name for _, _, name in pstats.Stats(profile).stats))
