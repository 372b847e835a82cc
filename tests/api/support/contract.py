"""openapi.yaml as tests look at it: the operations, the fields that each takes, and whether an answer is as documented."""

import functools
import json
import re

import yaml

from support.program import ROOT

METHODS = ("get", "post", "put", "patch", "delete")
STAFF = {"officer", "dispatcher", "visitor", "supervisor", "admin"}
TYPES = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list, "object": dict, "null": type(None)}
FORMATS = {
    "uuid": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "date": r"\d{4}-\d{2}-\d{2}",
    "date-time": r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})",
}
HEADERS = ("Location", "ETag", "Link", "Retry-After", "Allow", "WWW-Authenticate", "X-Request-Id")
KINDS = {  # fmt: skip
    "Id": "id", "Code": "code", "Day": "day", "GivenInstant": "instant", "Phone": "phone", "Password": "password", "Text": "text", "Cursor": "cursor",
    "Duration": "duration", "TimeOfDay": "time", "Mail": "mail", "Url": "url", "Search": "search",
}


def once(method):
    """What a method gives for a node of the document is made once; the node is kept, for it is known by its id."""
    known = {}

    @functools.wraps(method)
    def remembered(self, node):
        if id(node) not in known:
            known[id(node)] = node, method(self, node)
        return known[id(node)][1]

    return remembered


class Field:
    """A member of a body, or a parameter of a query."""

    def __init__(self, contract, name, schema, required):
        self.name = name
        self.schema = contract.resolve(schema)
        self.required = required
        self.kind = kind_of(schema, self.schema)
        self.entry = Field(contract, name, self.schema["items"], True) if self.kind == "list" else None
        self.members = contract.fields_of(self.schema) if self.kind == "object" else self.entry.members if self.entry else {}

    def __str__(self):
        """As `echo-wall routes` prints it, members in the order of their names."""
        choices = "=" + "|".join(self.schema["enum"]) if self.kind == "choice" else ""
        members = "(" + ",".join(str(self.members[name]) for name in sorted(self.members)) + ")" if self.members else ""
        return f"{self.name}:{self.kind}{choices}{members}{'!' if self.required else ''}"


def kind_of(schema, resolved):
    name = schema.get("$ref", "").rpartition("/")[2]
    if name in KINDS:
        return KINDS[name]
    if "enum" in resolved:
        return "choice"
    if resolved["type"] == "string":
        return "password" if resolved.get("format") == "password" else "line"
    return {"array": "list"}.get(resolved["type"], resolved["type"])


class Operation:
    def __init__(self, contract, method, path, item):
        self.contract = contract
        self.method = method.upper()
        self.path = path
        self.node = item[method]
        self.parameters = [contract.resolve(parameter) for parameter in item.get("parameters", []) + self.node.get("parameters", [])]
        self.pattern = re.compile(re.sub(r"\{\w+\}", "[^/]+", path))

    def __repr__(self):
        return f"{self.method} {self.path}"

    @property
    def action(self):
        """Its name, if it is something done to a complaint."""
        found = re.fullmatch(r"/v1/complaints/\{complaint\}/(\w+)", self.path)
        return found.group(1) if found and self.method == "POST" else None

    @property
    def fields(self):
        if self.method in ("GET", "DELETE"):
            found = [parameter for parameter in self.parameters if parameter["in"] == "query"]
            return {one["name"]: Field(self.contract, one["name"], one["schema"], one.get("required", False)) for one in found}
        return self.contract.fields_of(self.body)

    @property
    def body(self):
        """Schema of the JSON body."""
        if "requestBody" not in self.node:
            return {}
        return self.contract.resolve(self.contract.resolve(self.node["requestBody"])["content"].get("application/json", {"schema": {}})["schema"])

    @property
    def roles(self):
        found = set()
        for requirement in self.node.get("security", self.contract.document["security"]):
            found |= {"public"} if not requirement else set()
            for scheme, roles in requirement.items():
                found |= (set(roles) or STAFF | {"resident"}) if scheme == "token" else {scheme}
        return found

    def statuses(self):
        return {status: self.contract.resolve(response) for status, response in self.node["responses"].items()}


class Contract:
    def __init__(self):
        self.text = (ROOT / "openapi/openapi.yaml").read_text()
        self.document = yaml.load(self.text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        paths = self.document["paths"].items()
        self.operations = [Operation(self, method, path, item) for path, item in paths for method in METHODS if method in item]

    def resolve(self, thing):
        """What a reference leads to, with what stands beside the reference."""
        return self.led_to(thing) if isinstance(thing, dict) and "$ref" in thing else thing

    @once
    def led_to(self, thing):
        while "$ref" in thing:
            found = self.document
            for part in thing["$ref"].removeprefix("#/").split("/"):
                found = found[part.replace("~1", "/").replace("~0", "~")]
            thing = {**found, **{name: value for name, value in thing.items() if name != "$ref"}}
        return thing

    def fields_of(self, schema):
        parts = list(self.joined(schema))
        required = {name for part in parts for name in part.get("required", [])}
        return {name: Field(self, name, member, name in required) for part in parts for name, member in part.get("properties", {}).items()}

    def operation(self, method, path):
        method = "GET" if method == "HEAD" else method
        found = [one for one in self.operations if one.method == method and one.pattern.fullmatch(path.split("?")[0])]
        return min(found, key=lambda one: one.path.count("{"), default=None)

    # Answers

    def faults_of(self, method, path, answer):
        """What of an answer is not as documented; a path without an operation documents nothing."""
        operation, status = self.operation(method, path), answer._status
        if not operation or method == "HEAD":
            return []
        statuses = operation.statuses()
        response = statuses.get(str(status), statuses["default"])
        faults = [f"the header {name}" for name in HEADERS if name in answer.headers and name not in self.headers_of(response)]
        media = {name.split(";")[0]: media for name, media in response.get("content", {}).items()}
        if not answer.body:
            return faults + ([f"{status} without a body"] if media else [])
        kind = answer.headers.get_content_type()
        if kind not in media:
            return faults + [f"{status} with {kind}"]
        if kind.endswith("json"):
            schema, value = media[kind]["schema"], json.loads(answer.body)
            faults += self.misfits(schema, value) + self.undocumented([schema], value)
        return [f"{operation} {status} {fault}" for fault in faults]

    @staticmethod
    def headers_of(response):
        return {**response.get("headers", {}), "Link": 1} if "Link" in response.get("headers", {}) else response.get("headers", {})

    def misfits(self, schema, value, at=""):
        """Where a value does not fit a schema, in the words of JSON Schema that the contract uses."""
        if not schema:
            return []
        schema = self.resolve(schema)
        types = schema.get("type", list(TYPES))
        types = [types] if isinstance(types, str) else types
        fits = any(isinstance(value, TYPES[name]) and (name == "boolean" or not isinstance(value, bool)) for name in types)
        if not fits:
            return [f"{at or '/'} is no {types}"]
        found = [f"{at or '/'} {fault}" for fault in self.misfits_of_scalar(schema, value)]
        for part in schema.get("allOf", []):
            found += self.misfits(part, value, at)
        for name in ("anyOf", "oneOf"):
            if name in schema and all(self.misfits(part, value, at) for part in schema[name]):
                found.append(f"{at or '/'} is {name} nothing")
        if isinstance(value, dict):
            found += [f"{at}/{name} is missing" for name in schema.get("required", []) if name not in value]
            known, others = schema.get("properties", {}), schema.get("additionalProperties", {})
            for name, member in value.items():
                found += self.misfits(known.get(name, others), member, f"{at}/{name}")
                found += self.misfits(schema.get("propertyNames", {}), name, f"{at}/{name}")
        if isinstance(value, list):
            for index, item in enumerate(value):
                found += self.misfits(schema.get("items", {}), item, f"{at}/{index}")
        return found

    @staticmethod
    def misfits_of_scalar(schema, value):
        if "const" in schema and value != schema["const"]:
            yield f"is not {schema['const']}"
        if "enum" in schema and value not in schema["enum"]:
            yield f"is not of {schema['enum']}: {value}"
        if isinstance(value, str):
            if not re.search(schema.get("pattern", ""), value) or not re.fullmatch(FORMATS.get(schema.get("format"), "(?s:.*)"), value):
                yield f"is not so written: {value}"
            if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
                yield f"is {len(value)} long"
        elif isinstance(value, (int, float)) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
            yield f"is {value}"

    def joined(self, schema):
        """A schema with all that must hold beside it."""
        schema = self.resolve(schema)
        yield schema
        for part in schema.get("allOf", []):
            yield from self.joined(part)

    @once
    def parts(self, schema):
        """A schema with all that is joined to it."""
        schema = self.resolve(schema)
        return [schema, *(found for name in ("allOf", "anyOf", "oneOf") for part in schema.get(name, []) for found in self.parts(part))]

    def undocumented(self, schemas, value, at=""):
        """Members that no schema mentions; an object without properties may have any."""
        all_parts = [part for schema in schemas for part in self.parts(schema)]
        found = []
        if isinstance(value, list):
            items = [part["items"] for part in all_parts if "items" in part]
            for index, item in enumerate(value):
                found += self.undocumented(items, item, f"{at}/{index}")
        if isinstance(value, dict):
            described = any("properties" in part for part in all_parts)
            for name, member in value.items():
                known = [part["properties"][name] for part in all_parts if name in part.get("properties", {})]
                known = known or [part["additionalProperties"] for part in all_parts if part.get("additionalProperties")]
                if described and not known:
                    found.append(f"{at}/{name} is not documented")
                found += self.undocumented(known, member, f"{at}/{name}")
        return found
