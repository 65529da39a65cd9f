"""What a platform takes and would rather have otherwise: remarks on a registration. A strict one refuses (D138).

Knows what a registration says of itself; knows no packet and no platform.
"""

from __future__ import annotations

from nbtwin.operators.remark import Remark as Remark
from nbtwin.operators.remark import RemarkCode as RemarkCode
from nbtwin.selfreg.numbering import is_number, is_valid, operator_of_iccid
from nbtwin.selfreg.payloads import LONGEST_MODEL, Report
from nbtwin.selfreg.schedule import Operator, operator_of

_MEMBERS = frozenset(("REGVER", "MEID", "MODEL", "MODELSMS", "SWVER", "SIM1ICCID", "SIM1LTEIMSI"))
_REPORTS = {Operator.TELECOM: ("2", "MODEL"), Operator.UNICOM: ("1", "MODELSMS")}
_SHOWN = 40  # characters of what was wrong


def of_report(report: Report, operator: Operator) -> list[Remark]:
    """Of Telecom's or Unicom's format (docs/spec/wire.md, Telecom and Unicom)."""
    version, model_name = _REPORTS[operator]
    found = [] if report.version == version else [_remark(RemarkCode.VERSION, report.version)]
    found += of_imei(report.imei)
    if not report.model:
        found.append(Remark(RemarkCode.MODEL_MISSING))
    elif model_name not in report.members:
        found.append(_remark(RemarkCode.MODEL_NAME, "MODEL" if model_name == "MODELSMS" else "MODELSMS"))
    if len(report.model) > LONGEST_MODEL:
        found.append(_remark(RemarkCode.MODEL_LENGTH, report.model))
    if not report.firmware:
        found.append(Remark(RemarkCode.FIRMWARE_MISSING))
    found += _of_iccid(report.iccid, operator)
    found += of_imsi(report.imsi, operator)
    if report.members.keys() <= _MEMBERS:
        return found
    return found + [_remark(RemarkCode.MEMBER_UNKNOWN, name) for name in report.members if name not in _MEMBERS][:8]


def of_imei(imei: str) -> list[Remark]:
    if not (imei.isascii() and imei.isdigit() and len(imei) == 15):
        return [_remark(RemarkCode.IMEI_FORM, imei)]
    return [] if is_valid(imei) else [Remark(RemarkCode.IMEI_LUHN, imei)]


def of_imsi(imsi: str, operator: Operator) -> list[Remark]:
    if not imsi:
        return [Remark(RemarkCode.IMSI_MISSING)]
    if not (is_number(imsi) and len(imsi) == 15):
        return [_remark(RemarkCode.IMSI_FORM, imsi)]
    return [] if operator_of(imsi) is operator else [Remark(RemarkCode.IMSI_OPERATOR, imsi[:5])]


def of_version(version: str, wanted: str) -> list[Remark]:
    return [] if version == wanted else [_remark(RemarkCode.VERSION, version)]


def _of_iccid(iccid: str, operator: Operator) -> list[Remark]:
    if not iccid:
        return [Remark(RemarkCode.ICCID_MISSING)]
    if not (is_number(iccid) and len(iccid) in (19, 20) and iccid.startswith("89")):
        return [_remark(RemarkCode.ICCID_FORM, iccid)]
    found = [] if operator_of_iccid(iccid) is operator else [Remark(RemarkCode.ICCID_OPERATOR, iccid[:6])]
    return found if len(iccid) == 19 or is_valid(iccid) else [*found, Remark(RemarkCode.ICCID_LUHN, iccid)]


def _remark(code: RemarkCode, subject: str) -> Remark:
    return Remark(code, subject[:_SHOWN])
