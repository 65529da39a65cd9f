"""A meter's host program: an AT line over any port of pyserial's kind, and the application above it."""
