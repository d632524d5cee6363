"""The commands of the command line, one a file; each imports what it works with when it is called."""
