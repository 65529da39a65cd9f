"""The commands of the five documents as typed methods, a group a subject. A method's line is made from the table of the
module's model, which also checks the values before anything is sent."""
