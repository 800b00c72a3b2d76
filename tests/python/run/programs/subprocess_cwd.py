import subprocess

try:
    subprocess.Popen(["true"], cwd="no/such/folder")
except OSError as error:
    print(type(error), error)
subprocess.Popen(["true"], preexec_fn=lambda: 1 / 0)
