"""Every answer that a test gets is held against the API's own description: operation, status, form and schema."""

import functools
import json
import re

import jsonschema

LARGEST = 300_000  # bytes: of larger bodies only status and form are looked at


class Contract:
    def __init__(self, document):
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
