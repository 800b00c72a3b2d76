import subprocess

child = "read line; kill -INT $PPID; exec sleep 60"
with subprocess.Popen(["sh", "-c", child], stdin=subprocess.PIPE) as process:
    try:
        process.stdin.write(b"go\n")
        process.stdin.flush()
        process.wait()
    except KeyboardInterrupt:
        print("interrupted")
        process.kill()
print(process.returncode)
