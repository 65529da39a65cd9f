"""What a platform asks of a module in a scenario: read, write, execute, observe, upgrade.

Knows the verbs that the platforms have in common; knows neither when they are used nor what is expected of them.
"""

from __future__ import annotations

from typing import Any

from nbtwin.engine import CodedError, DecodeError
from nbtwin.lwm2m.firmware.delta import factory_image, pack_delta, pack_image
from nbtwin.lwm2m.firmware.file import file_of
from nbtwin.lwm2m.model import ResourceDefinition
from nbtwin.lwm2m.objects.registry import KNOWN
from nbtwin.lwm2m.objects.reusable import row_at
from nbtwin.lwm2m.path import Path
from nbtwin.module import flash
from nbtwin.operators.andlink.platform import AndlinkPlatform
from nbtwin.operators.campaigns.records import Plan
from nbtwin.operators.campaigns.ways import Mode
from nbtwin.operators.device_management.management import management_of
from nbtwin.operators.device_management.verbs import VERBS, Verb
from nbtwin.operators.events import OperationAnswered
from nbtwin.operators.refusals import PlatformRefusal
from nbtwin.runtime.simulated_lab import SimulatedLab
from nbtwin.scenario.expectations import same
from nbtwin.scenario.model import ScenarioStep, Upgrade, takes_value, what_of
from nbtwin.scenario.phrases import ValuePhrase
from nbtwin.scenario.verdicts import Refused


class CannotAsk(Exception):
    """The platform does not know the module now, or cannot do that."""

    def __init__(self, why: Refused | ValuePhrase) -> None:
        super().__init__(why)
        self.why = why


def ask(bench: SimulatedLab, step: ScenarioStep, action: str, platform: str, module: str) -> int:
    """The ticket of what was asked; 0 for a campaign, which tells its progress itself."""
    node = bench.world.platforms[platform]
    device = f"{platform}:{bench.modules[module].identity.imei}"
    value = what_of(step, action)
    try:
        if action == "upgrade":
            _upgrade(bench, platform, module, value)
            return 0
        management = management_of(node.engine)
        if management is None:
            raise CannotAsk(ValuePhrase.REPORTS_ONLY)
        path, given = _target(VERBS[action], value)
        return bench.world.perform(node, management.ask, device, action, path, given)
    except CodedError as error:
        raise CannotAsk(Refused(error.code, error.fields)) from None


def _target(verb: Verb, asked: Any) -> tuple[str, Any]:
    """Where, and what is given, as `DeviceManagement.ask` takes them."""
    if verb.is_composite:
        paths = [asked] if isinstance(asked, str) else asked
        return ("", asked) if takes_value(verb) else (",".join([*paths, ""]), None)
    path, given = next(iter(asked.items())) if takes_value(verb) else (asked, None)
    return path, given


def _upgrade(bench: SimulatedLab, platform: str, name: str, upgrade: Upgrade) -> None:
    node, module = bench.world.platforms[platform], bench.modules[name]
    assert isinstance(node.engine, AndlinkPlatform)
    model, running = module.profile.model, module.identity.firmware
    new = factory_image(model, upgrade.version)
    if upgrade.delta:
        old = flash.image(module, running) or factory_image(model, running)
        content = pack_delta(model, running, old, upgrade.version, new)
    else:
        content = pack_image(model, upgrade.version, new)
    package = f"{upgrade.version}-for-{name}"
    bench.backing.packages[package] = file_of(content)
    plan = Plan(package=package, mode=Mode(upgrade.mode))
    bench.world.perform(node, node.engine.start_campaign, plan, [module.identity.imei])


def row_of(path: str) -> ResourceDefinition | None:
    """What the definitions say of the resource at this path; None of any other path."""
    try:
        return row_at(Path(path), KNOWN)
    except DecodeError:  # several paths
        return None


def verdict_of(answered: OperationAnswered, wanted: Any) -> tuple[bool, Any]:
    """Whether a value, or a code such as 2.04, is what was wanted; and what was found."""
    if answered.operation in ("read", "read-composite") and answered.refusal is None:
        return same(wanted, answered.value), answered.value
    if answered.refusal == PlatformRefusal.VALUE_UNREADABLE:  # 2.05 is not what was wanted of it
        return False, Refused(answered.refusal, {"why": answered.why})
    code = f"{wanted:.2f}" if isinstance(wanted, float) else str(wanted)
    return answered.response_code == code, answered.response_code or Refused(answered.refusal or "")
