# options: -W error::UserWarning
import warnings

warnings.warn("this ends it")
