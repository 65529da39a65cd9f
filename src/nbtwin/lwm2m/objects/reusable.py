"""Reusable resources of the OMA registry, of the IPSO Smart Objects: their number has one meaning in every object.

Knows no object but those that it is given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nbtwin.lwm2m.model import AllowedOperations, Objects, ResourceDefinition, ResourceType

_STR, _INT, _FLOAT = ResourceType.STRING, ResourceType.INTEGER, ResourceType.FLOAT
_BOOL, _OPAQUE, _TIME = ResourceType.BOOLEAN, ResourceType.OPAQUE, ResourceType.TIME
_NONE, _E = ResourceType.NONE, AllowedOperations.E
_R, _W, _RW = AllowedOperations.R, AllowedOperations.W, AllowedOperations.RW
_row = ResourceDefinition

REUSABLE: Mapping[int, ResourceDefinition] = {
    row.id: row
    for row in (
        _row(5500, "Digital Input State", _BOOL, _R),
        _row(5501, "Digital Input Counter", _INT, _R),
        _row(5502, "Digital Input Polarity", _BOOL, _RW),
        _row(5503, "Digital Input Debounce", _INT, _RW, unit="ms"),
        _row(5504, "Digital Input Edge Selection", _INT, _RW, range="1..3"),
        _row(5505, "Digital Input Counter Reset", _NONE, _E),
        _row(5506, "Current Time", _TIME, _RW),
        _row(5507, "Fractional Time", _FLOAT, _RW, unit="s", range="0..1"),
        _row(5508, "Min X Value", _FLOAT, _R),
        _row(5509, "Max X Value", _FLOAT, _R),
        _row(5510, "Min Y Value", _FLOAT, _R),
        _row(5511, "Max Y Value", _FLOAT, _R),
        _row(5512, "Min Z Value", _FLOAT, _R),
        _row(5513, "Max Z Value", _FLOAT, _R),
        _row(5514, "Latitude", _STR, _R),
        _row(5515, "Longitude", _STR, _R),
        _row(5516, "Uncertainty", _STR, _R),
        _row(5517, "Velocity", _OPAQUE, _R),
        _row(5518, "Timestamp", _TIME, _R),
        _row(5519, "Min Limit", _FLOAT, _R),
        _row(5520, "Max Limit", _FLOAT, _R),
        _row(5521, "Delay Duration", _FLOAT, _RW, unit="s"),
        _row(5522, "Clip", _OPAQUE, _RW),
        _row(5523, "Trigger", _NONE, _E),
        _row(5524, "Duration", _FLOAT, _RW, unit="s"),
        _row(5525, "Minimum Off-time", _FLOAT, _RW, unit="s"),
        _row(5526, "Timer Mode", _INT, _RW, range="0..4"),
        _row(5527, "Text", _STR, _RW),
        _row(5528, "X Coordinate", _INT, _RW),
        _row(5529, "Y Coordinate", _INT, _RW),
        _row(5530, "Clear Display", _NONE, _E),
        _row(5531, "Contrast", _FLOAT, _RW, unit="/100", range="0..100"),
        _row(5532, "Increase Input State", _BOOL, _R),
        _row(5533, "Decrease Input State", _BOOL, _R),
        _row(5534, "Counter", _INT, _RW),
        _row(5536, "Current Position", _FLOAT, _RW, unit="/100", range="0..100"),
        _row(5537, "Transition Time", _FLOAT, _RW, unit="s"),
        _row(5538, "Remaining Time", _FLOAT, _R, unit="s"),
        _row(5541, "Up Counter", _INT, _RW),
        _row(5542, "Down Counter", _INT, _RW),
        _row(5543, "Digital State", _BOOL, _R),
        _row(5544, "Cumulative Time", _FLOAT, _RW, unit="s"),
        _row(5545, "Max X Coordinate", _INT, _R),
        _row(5546, "Max Y Coordinate", _INT, _R),
        _row(5547, "Multi-state Input", _INT, _R),
        _row(5548, "Level", _FLOAT, _RW, unit="/100", range="0..100"),
        _row(5550, "Digital Output State", _BOOL, _RW),
        _row(5551, "Digital Output Polarity", _BOOL, _RW),
        _row(5600, "Analog Input Current Value", _FLOAT, _R),
        _row(5601, "Min Measured Value", _FLOAT, _R),
        _row(5602, "Max Measured Value", _FLOAT, _R),
        _row(5603, "Min Range Value", _FLOAT, _R),
        _row(5604, "Max Range Value", _FLOAT, _R),
        _row(5605, "Reset Min and Max Measured Values", _NONE, _E),
        _row(5650, "Analog Output Current Value", _FLOAT, _RW, range="0..1"),
        _row(5700, "Sensor Value", _FLOAT, _R),
        _row(5701, "Sensor Units", _STR, _R),
        _row(5702, "X Value", _FLOAT, _R),
        _row(5703, "Y Value", _FLOAT, _R),
        _row(5704, "Z Value", _FLOAT, _R),
        _row(5705, "Compass Direction", _FLOAT, _R, unit="deg", range="0..360"),
        _row(5706, "Colour", _STR, _RW),
        _row(5750, "Application Type", _STR, _RW),
        _row(5751, "Sensor Type", _STR, _R),
        _row(5800, "Instantaneous active power", _FLOAT, _R, unit="W"),
        _row(5801, "Min Measured active power", _FLOAT, _R, unit="W"),
        _row(5802, "Max Measured active power", _FLOAT, _R, unit="W"),
        _row(5803, "Min Range active power", _FLOAT, _R, unit="W"),
        _row(5804, "Max Range active power", _FLOAT, _R, unit="W"),
        _row(5805, "Cumulative active power", _FLOAT, _R, unit="Wh"),
        _row(5806, "Active Power Calibration", _FLOAT, _W, unit="W"),
        _row(5810, "Instantaneous reactive power", _FLOAT, _R, unit="var"),
        _row(5811, "Min Measured reactive power", _FLOAT, _R, unit="var"),
        _row(5812, "Max Measured reactive power", _FLOAT, _R, unit="var"),
        _row(5813, "Min Range reactive power", _FLOAT, _R, unit="var"),
        _row(5814, "Max Range reactive power", _FLOAT, _R, unit="var"),
        _row(5815, "Cumulative reactive power", _FLOAT, _R, unit="varh"),
        _row(5816, "Reactive Power Calibration", _FLOAT, _W, unit="var"),
        _row(5820, "Power factor", _FLOAT, _R),
        _row(5821, "Current Calibration", _FLOAT, _RW),
        _row(5822, "Reset Cumulative energy", _NONE, _E),
        _row(5823, "Event Identifier", _STR, _RW),
        _row(5824, "Start Time", _TIME, _RW),
        _row(5825, "Duration In Min", _INT, _RW, unit="min"),
        _row(5826, "Criticality Level", _INT, _RW, range="0..3"),
        _row(5827, "Avg Load AdjPct", _INT, _RW, unit="/100", range="0..100"),
        _row(5828, "Duty Cycle", _INT, _RW, unit="/100", range="0..100"),
        _row(5850, "On/Off", _BOOL, _RW),
        _row(5851, "Dimmer", _INT, _RW, unit="/100", range="0..100"),
        _row(5852, "On time", _INT, _RW, unit="s"),
        _row(5853, "Muti-state Output", _STR, _RW),
        _row(5854, "Off Time", _INT, _RW, unit="s"),
        _row(5900, "Set Point Value", _FLOAT, _RW),
        _row(5903, "Busy to Clear delay", _INT, _RW, unit="ms"),
        _row(5904, "Clear to Busy delay", _INT, _RW, unit="ms"),
        _row(6042, "Measurement Quality Indicator", _INT, _R, range="0..23"),
        _row(6049, "Measurement Quality Level", _INT, _R, range="0..100"),
        _row(6050, "Fractional Timestamp", _FLOAT, _R, unit="s", range="0..1"),
    )
}


def row_at(path: Sequence[int], objects: Objects) -> ResourceDefinition | None:
    """The table's row of the resource at (or above) this path. None where no table has it."""
    if len(path) < 3:
        return None
    definition = objects.get(path[0])
    row = definition.resources.get(path[2]) if definition is not None else None
    return REUSABLE.get(path[2]) if row is None else row
