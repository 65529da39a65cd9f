"""AT lines of a user's sources and logs against the tables of models: what they do not know, what is out of range."""
