"""Answers that are Structs, described for the API's document. Views render Structs directly, which ninja cannot see."""

from __future__ import annotations

from typing import Any

import msgspec

_LOCAL = "#/$defs/"


def answers(kind: Any, description: str = "OK") -> dict[str, Any]:
    """The `openapi_extra` of a view that answers with `kind`: a Struct, or a list of one."""
    schema = msgspec.json.schema(kind)
    definitions = schema.pop("$defs", {})
    content = {"application/json": {"schema": _inlined(schema, definitions)}}
    return {"responses": {200: {"description": description, "content": content}}}


def _inlined(node: Any, definitions: dict[str, Any]) -> Any:
    """`node` with every reference replaced by what it names: none of our payloads contains itself."""
    if isinstance(node, list):
        return [_inlined(one, definitions) for one in node]
    if not isinstance(node, dict):
        return node
    reference = node.get("$ref")
    if isinstance(reference, str) and reference.startswith(_LOCAL):
        return _inlined(definitions[reference.removeprefix(_LOCAL)], definitions)
    return {key: _inlined(value, definitions) for key, value in node.items()}
