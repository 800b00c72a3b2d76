# options: -u
import os
import sys

sys.stdout.write("first ")
os.write(1, b"second ")
sys.stdout.write("third\n")
