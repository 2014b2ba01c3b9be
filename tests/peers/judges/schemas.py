"""Schemas out of stdin as the official helpers of Anthropic and OpenAI would send them; a helper that refuses one
says why."""

import copy
import json
import sys

from anthropic.lib._parse._transform import transform_schema
from openai.lib._pydantic import _ensure_strict_json_schema


def judged(schema: dict, dialect: str) -> object:
    try:
        if dialect == "closed":
            return transform_schema(copy.deepcopy(schema))
        return _ensure_strict_json_schema(copy.deepcopy(schema), path=(), root=copy.deepcopy(schema))
    except (AssertionError, TypeError, ValueError) as error:
        return f"{type(error).__name__}: {error}"


json.dump([judged(schema, dialect) for dialect, schema in json.load(sys.stdin)], sys.stdout)
