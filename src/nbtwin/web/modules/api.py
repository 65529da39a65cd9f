"""/api/v1/modules: which modules there are, how they come and go; /api/v1/models: what there is to order."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from nbtwin.edge.errors import EdgeError
from nbtwin.edge.turns import in_turns
from nbtwin.module.profile import UnknownModel
from nbtwin.profiles.models import PROFILES
from nbtwin.runtime.errors import SpecError
from nbtwin.runtime.lab import LabRuntime
from nbtwin.runtime.simulated_lab import SettingRefused
from nbtwin.runtime.spec import module_spec
from nbtwin.web.api_errors import ApiError, RequestModel, responses
from nbtwin.web.modules.state import ModuleState, PartWaiting, deadlines_of, find, state_of
from nbtwin.web.routers import api_router
from nbtwin.web.turns import encoded, json_list

_SERIAL = r"^(pty|(tcp|rfc2217):(127\.0\.0\.1|localhost|\[::1\]):\d{1,5})$"
Version = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")]


class ModuleOrder(RequestModel):
    model: Annotated[str, Field(min_length=1, max_length=32, examples=["BC260Y-CN"], description="one of /models")]
    name: Annotated[
        str | None,
        Field(
            max_length=64,
            pattern=r"^[A-Za-z0-9._-]+$",
            description="that no other module of the lab has; made of the model when left out",
        ),
    ] = None
    sim: Annotated[
        Literal["mobile", "telecom", "unicom", "none"] | None, Field(description="mobile where no number says it")
    ] = None
    imsi: Annotated[str | None, Field(max_length=15, description="instead of sim")] = None
    plmn: Annotated[str | None, Field(max_length=6, description="instead of sim: the rest is made up")] = None
    iccid: Annotated[str | None, Field(max_length=20, description="of the card; made up when left out")] = None
    imei: Annotated[str | None, Field(pattern=r"^[0-9]{15}$", description="made up from the name when left out")] = None
    firmware: Annotated[
        Version | None, Field(description="the version that it says it runs; the model's own when left out")
    ] = None
    vendor: Annotated[
        str | None, Field(max_length=19, description="the code before the model, for Telecom and Unicom; QUE")
    ] = None
    serial: Annotated[
        str,
        Field(
            pattern=_SERIAL,
            examples=["pty", "tcp:127.0.0.1:0"],
            description="where its serial port is opened: a PTY, or a TCP port of this machine; port 0: any",
        ),
    ] = "pty"
    settings: Annotated[
        tuple[Annotated[str, Field(max_length=2048)], ...],
        Field(max_length=100, description="AT lines that it was sent in the factory, unless it left NVRAM here"),
    ] = ()
    power_on: Annotated[bool, Field(description="switch it on at once")] = True


class Model(BaseModel):
    model: str = Field(description="of the vendor")
    documents: list[str] = Field(description="what the vendor gives it")
    manufacturer: str = Field(description="as AT+CGMI says it")
    firmware: str = Field(description="the version that a new one runs")
    operators: list[str] = Field(description="whom it registers itself with")
    andlink: bool = Field(description="it has the Andlink client")
    commands: int = Field(description="how many AT commands it knows")
    causes: list[str] = Field(description="why it may restart, as POST …/power takes it")


def router(lab: LabRuntime) -> APIRouter:
    routes = api_router("/modules", tag="modules")

    @routes.get("", response_model=list[ModuleState])
    async def list_modules(
        containing: Annotated[str, Query(max_length=64, description="in name, model, IMEI or IMSI")] = "",
        power: Annotated[
            Literal["off", "booting", "asleep", "on"] | None, Query(description="only modules in this state")
        ] = None,
        limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
        offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
    ) -> Response:
        """The modules of the lab, by name as they came."""
        names, states = list[str](), list[bytes]()
        async for name in in_turns(list(lab.modules)):
            if name in lab.modules and _fits(lab, name, containing.lower(), power):
                names.append(name)
                if offset < len(names) <= offset + limit:
                    states.append(encoded(state_of(lab, name)))
        return json_list(states, **{"X-Total-Count": str(len(names))})

    @routes.post("", status_code=201, responses=responses(409, 422))
    async def add_module(body: ModuleOrder) -> ModuleState:
        """Put a module into the lab; it finds the NVRAM that one of its name left."""
        try:
            PROFILES.find(body.model)
        except UnknownModel as error:
            raise ApiError.of(error, "model") from None
        try:
            spec = module_spec(**body.model_dump(exclude={"power_on", "settings"}))
        except SpecError as error:
            raise ApiError(error.code, error.where or "serial", 422, **error.fields) from None
        try:
            node = await lab.add_module(spec, power_on=body.power_on, settings=body.settings)
        except SettingRefused as error:
            raise ApiError.of(error, "settings") from None
        except SpecError as error:
            raise ApiError(error.code, error.where or "serial", 409, **error.fields) from None
        except EdgeError as error:
            raise ApiError.of(error, "serial", 409) from None
        return state_of(lab, node.name)

    @routes.get("/{name}", responses=responses(404))
    async def read_module(name: str) -> ModuleState:
        """One module: what it is, how it is switched, what it waits for next."""
        find(lab, name)
        return state_of(lab, name)

    @routes.delete("/{name}", status_code=204, responses=responses(404))
    async def remove_module(
        name: str, keep_nvram: Annotated[bool, Query(description="false: its NVRAM is thrown away")] = True
    ) -> Response:
        """Pull its plug and take it out of the lab."""
        find(lab, name)
        lab.remove_module(name, keep_nvram=keep_nvram)
        await lab.files_written()
        return Response(status_code=204)

    _add_knowledge(routes, lab)
    return routes


def _add_knowledge(routes: APIRouter, lab: LabRuntime) -> None:
    @routes.get("/{name}/deadlines", responses=responses(404))
    async def list_deadlines(name: str) -> list[PartWaiting]:
        """Everything that the module waits for, the soonest first."""
        find(lab, name)
        return deadlines_of(lab, name)

    @routes.get("/{name}/capabilities", responses=responses(404))
    async def read_capabilities(name: str) -> Model:
        """What the module's model can do."""
        return _model(find(lab, name).profile.model)


def model_router() -> APIRouter:
    routes = api_router("/models", tag="modules")

    @routes.get("")
    async def list_models() -> list[Model]:
        """The models that there are to order."""
        return [_model(name) for name in PROFILES]

    return routes


def _model(name: str) -> Model:
    profile = PROFILES[name]
    return Model(
        model=profile.model,
        documents=list(profile.documents),
        manufacturer=profile.manufacturer,
        firmware=profile.firmware,
        operators=[str(operator) for operator in profile.schedules],
        andlink=bool(profile.andlink),
        commands=len(profile.commands),
        causes=list(profile.boot.causes),
    )


def _fits(lab: LabRuntime, name: str, containing: str, power: str | None) -> bool:
    module = lab.modules[name]
    if power is not None and module.power_state != power:
        return False
    if not containing:
        return True
    usim = module.radio.usim
    known = (name, module.profile.model, module.identity.imei, usim.imsi if usim else "")
    return any(containing in text.lower() for text in known)
