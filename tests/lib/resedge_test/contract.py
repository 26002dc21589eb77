"""Every answer that a test gets is held against the API's own description: operation, status, headers, form and schema.

A client has to bear members and headers that it does not know; a test has not: what is sent and not described is an error here.
"""

import copy
import functools
import json
import re

import jsonschema

LARGEST = 300_000  # bytes: of larger bodies only status, headers and form are looked at

# HTTP's own, and what the description's introduction says of all answers.
USUAL_HEADERS = {"cache-control", "connection", "content-length", "content-type", "date", "transfer-encoding", "x-content-type-options"}


def closed(part):
    """The same description, where no object has members that are not described. In place."""
    if isinstance(part, list):
        for each in part:
            closed(each)
    elif isinstance(part, dict):
        for name, each in part.items():
            if name not in ("example", "examples"):
                closed(each)
        if "object" in part.get("type", ()):
            part.setdefault("additionalProperties", False)
    return part


class Contract:
    def __init__(self, document):
        document = closed(copy.deepcopy(document))
        self.document = document
        self.resolver = jsonschema.RefResolver.from_schema(document)
        # As with the routes: literal segments before parameters, and only then a name with slashes in it (name:/stores/central).
        by_parameters = sorted(document["paths"].items(), key=lambda p: p[0].count("{"))
        self.paths = [(self._pattern(path, rest), path, item) for rest in (False, True) for path, item in by_parameters]

    @staticmethod
    def _pattern(path, rest):
        one = re.sub(r"\\\{id\\\}$", "name:.+", re.escape(path)) if rest else re.escape(path)
        return re.compile("^" + re.sub(r"\\\{[a-zA-Z]+\\\}", "[^/]+", one) + "/?$")

    def operation(self, method, target):
        path = target.partition("?")[0]
        for pattern, name, item in self.paths:
            if pattern.match(path) and (operation := item.get("get" if method == "HEAD" else method.lower())):
                return name, operation
        return None, None

    def _resolved(self, part):
        return self.resolver.resolve(part["$ref"])[1] if "$ref" in part else part

    @functools.lru_cache(maxsize=None)
    def _validator(self, name, method, status, form):
        operation = self.document["paths"][name][method]
        schema = self._resolved(operation["responses"][status])["content"][form]["schema"]
        return jsonschema.Draft202012Validator(schema, resolver=self.resolver)

    def _check_headers(self, what, described, answer):
        sent = {header.lower() for header in answer.headers.keys()} - USUAL_HEADERS
        assert sent <= {header.lower() for header in described}, f"{what} is not described to send {sent} with {answer}"
        for header, part in described.items():
            part = self._resolved(part)
            assert header in answer.headers or not part.get("required"), f"{what} is described to send {header} always: {answer}"
            if header in answer.headers and part["schema"].get("type") == "integer":
                assert int(answer.headers[header]) >= part["schema"]["minimum"]

    def check(self, method, target, answer):
        if method == "OPTIONS" and answer.status == 204:  # HTTP's own, the same on every path: it asks what is described
            assert answer.headers["Allow"]
            return
        name, operation = self.operation(method, target)
        if operation is None:
            assert answer.status in (400, 401, 404, 405, 408, 413, 431, 501, 503), f"{method} {target} is not described, but answers {answer}"
            return
        status = str(answer.status)
        assert status in operation["responses"], f"{method} {name} is not described to answer {answer}"
        self._check_headers(f"{method} {name}", self._resolved(operation["responses"][status]).get("headers", {}), answer)
        if method == "HEAD" or not answer.body:
            return
        form = answer.headers.get("Content-Type", "").partition(";")[0]
        forms = self._resolved(operation["responses"][status]).get("content", {})
        assert form in forms, f"{method} {name} is not described to answer {status} as {form!r}: {answer}"
        if form in ("application/json", "application/problem+json") and len(answer.body) < LARGEST:
            for error in self._validator(name, "get" if method == "HEAD" else method.lower(), status, form).iter_errors(json.loads(answer.body)):
                raise AssertionError(f"{method} {name}: the answer is not as described at {error.json_path}: {error.message}\n{answer}")


_contract = None


def contract(fetch):
    """The description, from the first server that is asked: it is the same program all along."""
    global _contract
    if _contract is None:
        _contract = Contract(fetch())
    return _contract
