# arguments: --help
import argparse

argparse.ArgumentParser(description="Counts.").parse_args()
