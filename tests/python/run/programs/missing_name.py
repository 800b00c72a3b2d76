from neighbour import no_such_name
