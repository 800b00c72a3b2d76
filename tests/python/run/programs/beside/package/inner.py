import sys


def leave(status):
    sys.exit(status)


if __name__ == "__main__":
    print("inner as main", __package__, sys.argv[1:])
    raise ValueError("inner")
