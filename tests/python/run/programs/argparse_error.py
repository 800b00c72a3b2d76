# arguments: --count many
import argparse

parser = argparse.ArgumentParser(description="Counts.")
parser.add_argument("--count", type=int)
print(parser.parse_args())
