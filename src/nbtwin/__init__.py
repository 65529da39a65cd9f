"""nbtwin: NB-IoT modules and the operators' device-management platforms they register with, in software."""

__version__ = "0.1.0"
