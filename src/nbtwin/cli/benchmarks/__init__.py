"""`nbtwin bench`: how fast, each figure beside a reference that was measured in the same run on the same machine."""
