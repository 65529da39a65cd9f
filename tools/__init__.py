"""What writes the generated pages of docs/ from the tables. Not part of the installed package."""
