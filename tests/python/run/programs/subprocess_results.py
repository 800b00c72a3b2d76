import subprocess
import sys

print(subprocess.run(["cat"], input="text", capture_output=True, text=True))
print(subprocess.check_output("echo $0; exit 0", shell=True))
print(subprocess.getstatusoutput("exit 4"), subprocess.call(["sh", "-c", "kill -9 $$"]))
try:
    subprocess.run(["sleep", "60"], timeout=0.05)
except subprocess.TimeoutExpired as error:
    print(error.cmd, error.output)
with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as cat:
    print(cat.communicate(b"both ways"), cat.args)
subprocess.run([sys.executable, "-c", "import sys; sys.exit(3)"], check=True)
