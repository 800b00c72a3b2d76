import subprocess
import sys

words = subprocess.Popen(["printf", "b\\na\\nc\\na\\n"], stdout=subprocess.PIPE)
ordered = subprocess.Popen(["sort"], stdin=words.stdout, stdout=subprocess.PIPE)
unique = subprocess.Popen(["uniq", "-c"], stdin=ordered.stdout, stdout=subprocess.PIPE, text=True)
words.stdout.close()
ordered.stdout.close()
print(unique.communicate()[0], [p.wait() for p in (words, ordered, unique)])
