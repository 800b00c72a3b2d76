# options: -P
import neighbour
