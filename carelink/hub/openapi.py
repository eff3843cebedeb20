"""The relay described by OpenAPI, from the same Structs that decode its requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, cast

import msgspec
from litestar import Litestar
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.spec import (
    Components,
    OpenAPIMediaType,
    OpenAPIResponse,
    Reference,
    RequestBody,
    Schema,
    SecurityScheme,
)
from litestar.openapi.spec import Operation as SpecOperation

from carelink import __version__
from carelink.hub.routes import OPERATIONS, Operation
from carelink.sync.wire.api import MEDIA_TYPE, HubInfo, Problem

_TEMPLATE: Final = "#/components/schemas/{name}"
_DESCRIPTION: Final = (
    "Bodies are MessagePack (`application/msgpack`). Every structure is an array whose places are given "
    "here in order; what the schemas call a base64 string travels as MessagePack `bin`."
)


def openapi_config() -> OpenAPIConfig:
    """Return the description that is served under `/schema`."""
    return OpenAPIConfig(
        title="CareLink hub",
        version=__version__,
        description=_DESCRIPTION,
        path="/schema",
        components=Components(
            security_schemes={"session": SecurityScheme(type="http", scheme="bearer")},
        ),
    )


def describe_structures(app: Litestar) -> None:
    """Add the Structs that the operations refer to.

    msgspec says what each place of an array is; Litestar would describe objects, and leaves out what
    only a configuration names.
    """
    structs = [HubInfo, Problem]
    for operation in OPERATIONS:
        structs += [operation.request, operation.answer]
    _references, schemas = msgspec.json.schema_components(structs, ref_template=_TEMPLATE)
    components = app.openapi_schema.components
    if components is not None:
        components.schemas = cast("dict[str, Schema]", schemas)


def spec_of(operation: Operation) -> type[SpecOperation]:
    """Return the class that describes one operation with its exact body and answers."""
    return _spec_class(operation.request, operation.answer)


def spec_of_answer(answer: type[msgspec.Struct]) -> type[SpecOperation]:
    """Return the class that describes an operation without a body."""
    return _spec_class(None, answer)


def _spec_class(request: type[msgspec.Struct] | None, answer: type[msgspec.Struct]) -> type[SpecOperation]:
    @dataclass
    class Described(SpecOperation):
        def __post_init__(self) -> None:
            if request is not None:
                self.request_body = RequestBody(required=True, content=_content(request))
            self.responses = {
                "200": OpenAPIResponse(description=_first_line(answer), content=_content(answer)),
                "default": OpenAPIResponse(description=_first_line(Problem), content=_content(Problem)),
            }

    return Described


def _content(struct: type[msgspec.Struct]) -> dict[str, OpenAPIMediaType]:
    reference: Any = Reference(ref=_TEMPLATE.format(name=struct.__name__))
    return {MEDIA_TYPE: OpenAPIMediaType(schema=reference)}


def _first_line(struct: type[msgspec.Struct]) -> str:
    return (struct.__doc__ or struct.__name__).splitlines()[0]
