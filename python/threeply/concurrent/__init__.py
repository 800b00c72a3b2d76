"""The package that holds the room of `concurrent.futures`."""
