"""A scenario from YAML: parsed safely, every mistake one line that names the file, the line and the field.

Knows YAML and the shape of the model; knows no world.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from typing import Any, Literal, get_args, get_origin, get_type_hints

import yaml

from nbtwin.engine import CodedError
from nbtwin.foreign import Where, detail_of, kind_of, spell
from nbtwin.lab.faults import FaultError, check_names
from nbtwin.module.profile import UnknownCause, UnknownModel
from nbtwin.operators.device_management.verbs import VERBS
from nbtwin.operators.inventory.devices import Device
from nbtwin.operators.key_store.appkeys import AppkeyStore
from nbtwin.operators.key_store.psk import DeviceKeys
from nbtwin.operators.key_store.refusals import AppkeyError, PskError
from nbtwin.profiles.models import PROFILES
from nbtwin.runtime.errors import SpecError
from nbtwin.runtime.shape import Converted, Misfit, convert
from nbtwin.runtime.spec import profile_of
from nbtwin.runtime.syntax import syntax_of
from nbtwin.scenario import model
from nbtwin.scenario.model import (
    AppkeySpec,
    Expectation,
    PskSpec,
    Scenario,
    ScenarioModule,
    ScenarioNetwork,
    ScenarioPart,
    ScenarioPlatform,
    ScenarioStep,
    Translated,
    Upgrade,
)
from nbtwin.scenario.refusals import ScenarioError, ScenarioRefusal
from nbtwin.scenario.values import read

_LARGEST = 200_000
_DEEPEST = 50
"""Values in one file, aliases counted as often as they are used: a file that unfolds without end is refused."""
_PARTS: dict[str, type[ScenarioPart]] = {
    "modules": ScenarioModule,
    "platforms": ScenarioPlatform,
    "network": ScenarioNetwork,
    "steps": ScenarioStep,
    "expect": Expectation,
    "key": AppkeySpec,
    "psk": PskSpec,
    "upgrade": Upgrade,
    "title": Translated,
    "about": Translated,
    "why": Translated,
}
_NAMES = {part: name for name, part in _PARTS.items()} | {Scenario: "scenario", Translated: "text"}


def load(text: str | bytes, name: str = "scenario") -> Scenario:
    """The scenario that the text describes. ``name`` is what the file is called in a message.

    ScenarioError for the first mistake, which has all of them (``mistakes``).
    """
    source = _Source(name)
    loader: Any = None
    try:
        loader = _Loader(text)
        source.root = loader.get_single_node()
        source.check_nodes()
        data = loader.construct_document(source.root) if source.root is not None else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        why = ScenarioError(ScenarioRefusal.YAML, detail=syntax_of(error.problem or str(error)))
        raise source.error_at(mark.line + 1 if mark is not None else 1, why) from None
    except _TooDeep as error:
        why = ScenarioError(ScenarioRefusal.DEPTH, levels=_DEEPEST)
        raise source.error_at(error.line, why) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        if isinstance(error, ScenarioError):
            raise
        raise source.error_at(1, ScenarioError(ScenarioRefusal.YAML, detail=detail_of(error))) from None
    finally:
        if loader is not None:
            loader.dispose()
    converted = convert(data, Scenario, dec_hook=read)
    for misfit in converted.misfits:
        if not _follows(misfit, converted.misfits):
            source.mistake(misfit.path, _said_of(misfit))
    if converted.value is not None:
        _check(converted, source)
    source.raise_mistakes()
    assert converted.value is not None
    return converted.value


def places(text: str | bytes) -> dict[str, int]:
    """In which line the parts of a good file begin: ``steps[2]``, ``expect[1]``, ``modules[1]``."""
    source = _Source("")
    source.root = yaml.compose(text, _Loader)
    found = {}
    for name in ("modules", "steps", "expect"):
        _, parts = _child(source.root, name)
        for number, part in enumerate(parts.value if isinstance(parts, yaml.SequenceNode) else ()):
            found[f"{name}[{number + 1}]"] = part.start_mark.line + 1
    return found


class _TooDeep(Exception):
    def __init__(self, line: int) -> None:
        self.line = line


class _Loader(yaml.SafeLoader):
    """Refuses a text that is nested deeper than any scenario, at that depth."""

    _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        self._depth += 1
        if self._depth > _DEEPEST:
            event: Any = self.peek_event()  # type: ignore[no-untyped-call]
            raise _TooDeep(event.start_mark.line + 1)
        node: yaml.Node | None = super().compose_node(parent, index)
        self._depth -= 1
        return node


class _Source:
    """The node tree behind the values: where in the file a field stands; and what is wrong in it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.root: yaml.Node | None = None
        self._mistakes: list[tuple[int, ScenarioError]] = []

    def raise_mistakes(self) -> None:
        """In the order of the file."""
        if self._mistakes:
            mistakes = [error for _, error in sorted(self._mistakes, key=lambda mistake: mistake[0])]
            first = mistakes[0]
            first.mistakes = tuple(mistakes)
            raise first

    def error_at(self, line: int, why: CodedError, part: str = "") -> ScenarioError:
        return ScenarioError(why.code, ": ".join(filter(None, (f"{self.name}:{line}", part, why.where))), **why.fields)

    def mistake(self, path: Where, why: CodedError) -> None:
        """``path`` as in ("steps", 2, "send"); a field that is not there is where its part is."""
        node, line = self.root, 1
        for name in path:
            key, node = _child(node, name)
            place = key or node
            if place is None:
                break
            line = place.start_mark.line + 1
        self._mistakes.append((line, self.error_at(line, why, spell(path) if path else "")))

    def check_nodes(self) -> None:
        """Nothing twice in one mapping, nothing that unfolds without end."""
        waiting, seen = [self.root] if self.root is not None else [], 0
        while waiting:
            node = waiting.pop()
            seen += 1
            if seen > _LARGEST:
                raise self.error_at(1, ScenarioError(ScenarioRefusal.SIZE, values=_LARGEST))
            if isinstance(node, yaml.MappingNode):
                self._check_keys(node)
                waiting += [value for _, value in node.value]
            elif isinstance(node, yaml.SequenceNode):
                waiting += node.value

    def _check_keys(self, node: yaml.MappingNode) -> None:
        names: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in names and key.value != "<<":
                line = key.start_mark.line + 1
                why = ScenarioError(ScenarioRefusal.GIVEN_TWICE, key=key.value)
                self._mistakes.append((line, self.error_at(line, why)))
            names.add(key.value if isinstance(key, yaml.ScalarNode) else "")


def _child(node: yaml.Node | None, name: str | int) -> tuple[yaml.Node | None, yaml.Node | None]:
    """The key (of a mapping) and the value of that name below a node; None where there is none."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value == name:
                return key, value
    elif isinstance(node, yaml.SequenceNode) and isinstance(name, int) and name < len(node.value):
        return None, node.value[name]
    return None, None


def _follows(misfit: Misfit, others: Sequence[Misfit]) -> bool:
    """A field that is missing because it is misspelt."""
    beside = [other.unknown for other in others if other.unknown is not None and other.path[:-1] == misfit.path]
    return misfit.missing is not None and bool(difflib.get_close_matches(misfit.missing, beside, 1))


def _said_of(misfit: Misfit) -> CodedError:
    """In the words of a scenario's parts, where it has some."""
    path = misfit.path[:-1] if misfit.unknown is not None else misfit.path
    part = next((_PARTS[name] for name in reversed(path) if name in _PARTS), Scenario) if path else Scenario
    if misfit.cause is not None:
        return misfit.cause
    if misfit.unknown is not None:
        return _no_such_field(misfit.unknown, part)
    if misfit.missing is not None:
        return ScenarioError(ScenarioRefusal.FIELD_MISSING, part=_NAMES[part], missing=misfit.missing)
    if misfit.choice is not None and (choices := _choices(part, path)):
        return ScenarioError(ScenarioRefusal.NONE_OF, value=misfit.choice, known=choices)
    if misfit.kinds is not None:
        expected, given = misfit.kinds
        return ScenarioError(ScenarioRefusal.KIND, expected=expected, given=given)
    return ScenarioError(ScenarioRefusal.FOREIGN, detail=misfit.why)


def _no_such_field(name: str, part: type[ScenarioPart]) -> ScenarioError:
    fields = part.__struct_encode_fields__
    if close := difflib.get_close_matches(name, fields, 1):
        return ScenarioError(ScenarioRefusal.FIELD_MISSPELT, close=close[0])
    return ScenarioError(ScenarioRefusal.FIELD_UNKNOWN, part=_NAMES[part], known=list(fields))


def _choices(part: type[ScenarioPart], path: Where) -> list[str]:
    """The words that a field takes, or an entry of a list, where it takes words."""
    if not path:
        return []
    *_, last = path
    hint = get_type_hints(Scenario).get(str(path[0])) if isinstance(last, int) else get_type_hints(part).get(last)
    return _words_of(hint)


def _words_of(hint: Any) -> list[str]:
    kinds = get_args(hint)
    return (
        [str(kind) for kind in kinds] if get_origin(hint) is Literal else [w for kind in kinds for w in _words_of(kind)]
    )


# What single fields cannot say


def _check(converted: Converted[Scenario], source: _Source) -> None:
    """What is told of already is not told again, and nothing that follows from it.

    Steps and expectations are about modules and platforms: without some of these nothing can be said of those.
    """
    assert converted.value is not None
    told = [misfit.path or (misfit.missing or "",) for misfit in converted.misfits if misfit.path or misfit.missing]
    whole = not {"modules", "platforms"} & {path[0] for path in told}
    for path, problem in _problems(converted.value, whole=whole):
        here = converted.in_file(path)
        if not any(one[: len(here)] == here or here[: len(one)] == one for one in told):
            source.mistake(here, problem)


Problems = Iterator[tuple[Where, CodedError]]


def _problems(scenario: Scenario, *, whole: bool) -> Problems:
    yield from _modules(scenario)
    yield from _platforms(scenario)
    if whole and scenario.modules:
        yield from _faults(scenario)
        yield from _steps(scenario)
        yield from _expectations(scenario)


def _faults(scenario: Scenario) -> Problems:
    """All names are in the file: nobody comes later."""
    names = [*module_names(scenario), *(spec.operator for spec in scenario.platform_specs())]
    of_steps = [(("steps", number, "fault"), step.fault) for number, step in enumerate(scenario.steps)]
    for path, line in [*((("faults", number), line) for number, line in enumerate(scenario.faults)), *of_steps]:
        try:
            if line is not None:
                check_names(line.fault, names)
        except FaultError as error:
            yield path, error


def _modules(scenario: Scenario) -> Problems:
    names: set[str] = set()
    if not scenario.modules:
        yield ("modules",), ScenarioError(ScenarioRefusal.NO_MODULES)
    for number, spec in enumerate(scenario.modules):
        try:
            profile_of(spec.model, spec.vendor)
        except UnknownModel as error:
            yield ("modules", number, "model"), error
        except SpecError as error:
            yield ("modules", number), error  # which names the field
        if spec.firmware == "":
            yield ("modules", number, "firmware"), ScenarioError(ScenarioRefusal.EMPTY)
        if spec.name in names or spec.name in model.OPERATORS:
            yield ("modules", number, "name"), ScenarioError(ScenarioRefusal.NAME_TAKEN, name=spec.name)
        if spec.name:
            names.add(spec.name)


def _platforms(scenario: Scenario) -> Problems:
    seen: set[str] = set()
    for number, spec in enumerate(scenario.platform_specs()):
        if spec.operator in seen:
            yield ("platforms", number), ScenarioError(ScenarioRefusal.PLATFORM_TWICE, operator=spec.operator)
        if spec.keys and spec.operator != "cmdmp":
            yield ("platforms", number, "keys"), ScenarioError(ScenarioRefusal.NO_APPKEYS, operator=spec.operator)
        if spec.psk and spec.operator != "andlink":
            yield ("platforms", number, "psk"), ScenarioError(ScenarioRefusal.NO_PSK, operator=spec.operator)
        for name, psk in spec.psk.items():
            yield from _psk(scenario, ("platforms", number, "psk", name), name, psk)
        for appkey, password in spec.keys.items():
            yield from _appkey(("platforms", number, "keys", appkey), appkey, password)
        seen.add(spec.operator)


def _psk(scenario: Scenario, path: Where, name: str, psk: PskSpec) -> Problems:
    if name not in (names := module_names(scenario)):
        yield path, ScenarioError(ScenarioRefusal.MODULE_UNKNOWN, name=name, known=names)
    try:
        DeviceKeys(device=name, bootstrap_key=psk.bootstrap, key=psk.server).checked()
    except PskError as error:
        yield path, error


def _steps(scenario: Scenario) -> Problems:
    for number, step in enumerate(scenario.steps):
        actions = model.action_of(step)
        here = ("steps", number)
        if len(actions) != 1:
            known = list(model.ACTIONS)
            several = ScenarioError(ScenarioRefusal.ACTIONS, actions=list(actions), known=known)
            yield here, several if actions else ScenarioError(ScenarioRefusal.NO_ACTION, known=known)
            continue  # what the rest of it is about is not known
        if step.at is not None and step.after is not None:
            yield (*here, "after"), ScenarioError(ScenarioRefusal.AT_AND_AFTER)
        if (step.answer is not None or step.within is not None) and actions[:1] not in model.ANSWERED:
            yield here, ScenarioError(ScenarioRefusal.ANSWER_TO_NOTHING)
        if step.send is not None and isinstance(step.answer, int | float):
            expected, given = kind_of(["str", "array"]), kind_of(["float"])
            yield (*here, "answer"), ScenarioError(ScenarioRefusal.KIND, expected=expected, given=given)
        for action in actions:
            what = model.what_of(step, action)
            if action in VERBS and isinstance(what, dict) and len(what) != 1 and not VERBS[action].is_composite:
                yield (*here, action), ScenarioError(ScenarioRefusal.ONE_VALUE)
        if step.signal is not None and not (0 <= step.signal <= 31 or step.signal == 99):
            yield (*here, "signal"), ScenarioError(ScenarioRefusal.SIGNAL, rssi=step.signal)
        if step.firmware == "":
            yield (*here, "firmware"), ScenarioError(ScenarioRefusal.EMPTY)
        if step.key is not None:
            yield from _appkey((*here, "key", "appkey"), step.key.appkey, step.key.password)
        yield from _target(scenario, here, step, actions[0])
        if isinstance(step.reset, str):
            yield from _cause(scenario, here, step, step.reset)


def _cause(scenario: Scenario, here: Where, step: ScenarioStep, cause: str) -> Problems:
    """The causes of a restart are the model's (DOC-E 7)."""
    names = module_names(scenario)
    spec = scenario.modules[names.index(step.module) if step.module in names else 0]
    try:
        PROFILES.find(spec.model).boot.cause_named(cause)
    except UnknownCause as error:
        yield (*here, "reset"), error
    except UnknownModel:
        pass  # which is told where it stands


def _appkey(path: Where, appkey: str, password: str) -> Problems:
    try:
        AppkeyStore().add(appkey, password)
    except AppkeyError as error:
        yield path, error


def _expectations(scenario: Scenario) -> Problems:
    for number, expectation in enumerate(scenario.expect):
        here = ("expect", number)
        claims = model.claims_of(expectation)
        if not claims:
            yield here, ScenarioError(ScenarioRefusal.NO_CLAIM, known=list(model.MODULE_CLAIMS))
        if expectation.since is not None and not set(claims) & set(model.COUNTED):
            yield (*here, "since"), ScenarioError(ScenarioRefusal.NOT_COUNTED, known=list(model.COUNTED))
        if expectation.at and expectation.since and expectation.at.seconds < expectation.since.seconds:
            yield (*here, "since"), ScenarioError(ScenarioRefusal.SINCE_AFTER_AT)
        yield from _target(scenario, here, expectation, None)
        if expectation.device is not None:
            yield from _device(scenario, here, expectation)


def _target(scenario: Scenario, here: Where, part: ScenarioStep | Expectation, action: str | None) -> Problems:
    names = module_names(scenario)
    operators = [spec.operator for spec in scenario.platform_specs()]
    if part.module is not None and part.module not in names:
        yield (*here, "module"), ScenarioError(ScenarioRefusal.MODULE_UNKNOWN, name=part.module, known=names)
    if part.platform is not None and part.platform not in operators:
        unknown = ScenarioError(ScenarioRefusal.PLATFORM_UNKNOWN, name=part.platform, known=operators)
        yield (*here, "platform"), unknown
        return
    needs_module = action is None or action in (*model.MODULE_ACTIONS, *model.OPERATIONS)
    if needs_module and part.module is None and len(names) > 1:
        yield here, ScenarioError(ScenarioRefusal.MODULE_UNCLEAR, known=names)
    if action in (*model.PLATFORM_ACTIONS, *model.OPERATIONS) and part.platform is None and len(operators) > 1:
        yield here, ScenarioError(ScenarioRefusal.PLATFORM_UNCLEAR, known=operators)
    if action == "upgrade" and (part.platform or operators[0]) != "andlink":
        yield (*here, "upgrade"), ScenarioError(ScenarioRefusal.NO_UPGRADES)
    if action in model.OPERATIONS and (part.platform or operators[0]) in ("telecom", "unicom"):
        yield here, ScenarioError(ScenarioRefusal.NO_OPERATIONS, operator=part.platform or operators[0])
    if action == "key" and (part.platform or operators[0]) != "cmdmp":
        yield (*here, "key"), ScenarioError(ScenarioRefusal.NO_APPKEYS, operator=part.platform or operators[0])


def _device(scenario: Scenario, here: Where, expectation: Expectation) -> Problems:
    if expectation.platform is None and len(scenario.platforms) > 1:
        yield here, ScenarioError(ScenarioRefusal.INVENTORY_UNCLEAR)
    for name in expectation.device or ():
        if name not in Device.__struct_fields__:
            known = list(Device.__struct_fields__)
            yield (*here, "device", name), ScenarioError(ScenarioRefusal.DEVICE_FIELD, known=known)


def module_names(scenario: Scenario) -> list[str]:
    """Every module's name, in order: the one that it was given, else the model's with a number from the second on."""
    taken = {spec.name for spec in scenario.modules if spec.name}
    names = []
    for spec in scenario.modules:
        name = plain = spec.name or spec.model.lower().replace(" ", "-")
        number = 1
        while not spec.name and name in taken:
            number += 1
            name = f"{plain}-{number}"
        taken.add(name)
        names.append(name)
    return names
