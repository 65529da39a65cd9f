"""What passed on a serial line, kept in a file: written, made harmless, read, played again, turned into a case."""
