import os
import subprocess
import sys

os.environ["MINE"] = "1"
code = "import os, sys; print(os.environ['MINE'], sys.flags.optimize, 'THREEPLY_RUN' in os.environ)"
subprocess.run([sys.executable, "-c", code], check=True)
subprocess.run([sys.executable, "-c", code], env={**os.environ, "MINE": "2"}, check=True)
