import subprocess

subprocess.run(["no-such-command-anywhere"])
