"""A small S3-compatible store that checks every request's signature (AWS Signature Version 4) by itself."""

import datetime
import hashlib
import hmac
import http.server
import re
import threading
import urllib.parse

KEY, SECRET, REGION, NAME = "AKIATESTS", "a/secret+of=the/tests", "cn-east-1", "wall"


def hashed(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def signature(secret, day, region, to_sign):
    key = hashed(hashed(hashed(hashed(b"AWS4" + secret.encode(), day), region), "s3"), "aws4_request")
    return hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()


def canonical_query(query):
    pairs = sorted(urllib.parse.parse_qsl(query, keep_blank_values=True))
    return "&".join(f"{urllib.parse.quote(name, safe='-_.~')}={urllib.parse.quote(value, safe='-_.~')}" for name, value in pairs)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *unused):
        pass

    def fault(self, body):
        """What is wrong with the signature; None: nothing."""
        given = re.fullmatch(
            r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/s3/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})",
            self.headers.get("Authorization", ""),
        )
        if not given:
            return "no signature"
        key, day, region, names, claimed = given.groups()
        moment, content = self.headers["x-amz-date"], self.headers["x-amz-content-sha256"]
        if (key, region) != (KEY, REGION) or not {"host", "x-amz-date", "x-amz-content-sha256"} <= set(names.split(";")):
            return "wrong key, region or signed headers"
        if content != hashlib.sha256(body).hexdigest():
            return "the content is not what was signed"
        age = datetime.datetime.now(datetime.timezone.utc) - datetime.datetime.strptime(moment + "+0000", "%Y%m%dT%H%M%SZ%z")
        if abs(age) > datetime.timedelta(minutes=15) or not moment.startswith(day):
            return "too old"
        path, _, query = self.path.partition("?")
        headers = "".join(f"{name}:{' '.join(self.headers[name].split())}\n" for name in names.split(";"))
        request = "\n".join([self.command, path, canonical_query(query), headers, names, content])
        scope = f"{day}/{region}/s3/aws4_request"
        to_sign = "\n".join(["AWS4-HMAC-SHA256", moment, scope, hashlib.sha256(request.encode()).hexdigest()])
        return None if hmac.compare_digest(claimed, signature(SECRET, day, region, to_sign)) else "the signature does not fit"

    def answer(self, status, body=b""):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def handle_any(self):
        bucket = self.server.bucket
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self.fault(body)
        bucket.requests.append((self.command, self.path, fault))
        path, _, query = self.path.partition("?")
        key = urllib.parse.unquote(path).removeprefix(f"/{NAME}").lstrip("/")
        if bucket.silent:
            bucket.speaks.wait(60)
        if bucket.broken:
            self.answer(bucket.broken, b"<Error/>")
        elif fault:
            self.answer(403, f"<Error><Message>{fault}</Message></Error>".encode())
        elif not path.startswith(f"/{NAME}"):
            self.answer(404, b"<Error><Code>NoSuchBucket</Code></Error>")
        elif self.command == "PUT":
            bucket.put(key, body)
            self.answer(200)
        elif self.command == "DELETE":
            bucket.objects.pop(key, None)
            self.answer(204)
        elif not key:
            self.answer(200, bucket.listed(dict(urllib.parse.parse_qsl(query))).encode())
        else:
            found = bucket.objects.get(key)
            self.answer(200 if found else 404, found[0] if found else b"<Error><Code>NoSuchKey</Code></Error>")

    do_GET = do_PUT = do_DELETE = do_HEAD = do_POST = handle_any


class Bucket:
    """Objects by key, each with its bytes and when it was written."""

    PAGE = 3  # keys on a page of a list, so that there are several

    def __init__(self):
        self.objects, self.requests, self.broken = {}, [], 0
        self.silent, self.speaks = False, threading.Event()  # silent: takes requests and answers them when it speaks again
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.bucket = self
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    @property
    def settings(self):
        endpoint = f"http://127.0.0.1:{self.server.server_port}"
        return {"picture_store": "s3", "s3_endpoint": endpoint, "s3_region": REGION, "s3_bucket": NAME, "s3_key": KEY, "s3_secret": SECRET}

    @property
    def faults(self):
        return [request for request in self.requests if request[2]]

    def put(self, key, body, hours_ago=0):
        self.objects[key] = (body, datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=hours_ago))

    def age(self, key):
        self.put(key, self.objects[key][0], hours_ago=2)

    def listed(self, query):
        keys = [key for key in sorted(self.objects) if key.startswith(query["prefix"]) and key > query.get("start-after", "")]
        contents = "".join(
            f"<Contents><Key>{key}</Key><LastModified>{self.objects[key][1]:%Y-%m-%dT%H:%M:%S.000Z}</LastModified><Size>1</Size></Contents>"
            for key in keys[: self.PAGE]
        )
        more = "true" if len(keys) > self.PAGE else "false"
        return f'<?xml version="1.0"?><ListBucketResult><Name>{NAME}</Name><IsTruncated>{more}</IsTruncated>{contents}</ListBucketResult>'

    def close(self):
        self.speaks.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
