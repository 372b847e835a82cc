"""What the daemon answered, and problems to compare it with."""

import json


class Response:
    """A refusal that nobody looks at fails its test: see Actor.request and the fixture `nothing_overlooked`."""

    def __init__(self, status, headers, body, said):
        self._status = status
        self.headers = headers
        self.body = body
        self.said = said
        self.looked_at = status < 400

    @property
    def status(self):
        self.looked_at = True
        return self._status

    @property
    def text(self):
        return self.body.decode("utf-8")

    @property
    def json(self):
        self.looked_at = True
        return json.loads(self.body)

    @property
    def etag(self):
        return self.headers.get("ETag")

    @property
    def location(self):
        return self.headers.get("Location")

    def __getitem__(self, name):
        assert self._status < 400, f"{self!r} has no {name}"
        return self.json[name]

    def __repr__(self):
        return f"<{self.said} -> {self._status} {self.body[:600].decode('utf-8', 'replace')}>"


class Problem:
    def __init__(self, status, code):
        self.status = status
        self.code = code

    def __eq__(self, response):
        if not isinstance(response, Response):
            return NotImplemented
        response.looked_at = True
        return (
            response.status == self.status
            and response.headers.get_content_type() == "application/problem+json"
            and response.json.get("type") == f"/problems/{self.code}"
            and response.json.get("status") == self.status
            and bool(response.json.get("title"))
        )

    def __repr__(self):
        return f"problem({self.status}, {self.code!r})"


def problem(status, code):
    return Problem(status, code)
