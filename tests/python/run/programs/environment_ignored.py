# options: -E
# environment: PYTHONOPTIMIZE=2 PYTHONWARNINGS=error
import warnings

print(__debug__)
warnings.warn("only a warning")
