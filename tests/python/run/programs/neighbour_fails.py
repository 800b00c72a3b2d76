import neighbour

neighbour.fail(3)
