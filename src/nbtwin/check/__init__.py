"""Cases for modules, virtual and real: made from the profiles and the documents' examples, judged, reported."""
