# environment: PYTHONWARNINGS=error
import warnings

warnings.warn("this ends it", DeprecationWarning)
