"""Small receivers on this machine: HTTP (with or without TLS) and SMTP. They remember what came and answer as they are told."""

import base64
import email
import email.policy
import hashlib
import hmac
import http.server
import json
import socketserver
import ssl
import subprocess
import threading
import time
import urllib.parse

from support.wait import until


class Came:
    """One request of HTTP."""

    def __init__(self, handler, body):
        self.method = handler.command
        self.path, _, query = handler.path.partition("?")
        self.query = dict(urllib.parse.parse_qsl(query))
        self.headers = handler.headers
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def id(self):
        return self.headers["webhook-id"]

    def is_signed_by(self, secret):
        """As Standard Webhooks 1.0.0 says it: one of the signatures is that of id.timestamp.body."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        text = f"{self.id}.{self.headers['webhook-timestamp']}.".encode() + self.body
        wanted = "v1," + base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
        return wanted in self.headers["webhook-signature"].split(" ")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        came = Came(self, body)
        with self.server.lock:
            self.server.came.append(came)
        self.server.behave(self, came)

    do_GET = do_POST = do_PUT = handle_any

    def answer(self, status, body=b"", **headers):
        body = json.dumps(body).encode() if isinstance(body, dict) else body
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *given):
        pass


class Receiver(http.server.ThreadingHTTPServer):
    """Answers 200 unless `behaves(...)` says otherwise."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, certificate=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock = threading.Lock()
        self.came = []
        self.released = threading.Event()
        self.behave = self.with_status(200)
        self.scheme = "https" if certificate else "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def handle_error(self, request, client_address):
        pass

    def url(self, path="/", host="127.0.0.1"):
        return f"{self.scheme}://{host}:{self.server_address[1]}{path}"

    def end(self):
        self.released.set()
        self.shutdown()
        self.server_close()

    # what it does

    @staticmethod
    def with_status(status, body=b"ok", **headers):
        return lambda handler, came: handler.answer(status, body, **headers)

    def hangs(self, handler, came):
        """Never answers, until the test is over."""
        self.released.wait(60)

    @staticmethod
    def floods(handler, came):
        """100 MB, as far as anybody takes them."""
        handler.send_response(200)
        handler.send_header("Content-Length", str(100 * 2**20))
        handler.end_headers()
        try:
            for _ in range(1600):
                handler.wfile.write(b"x" * 65536)
                handler.server.flooded = getattr(handler.server, "flooded", 0) + 65536
        except OSError:
            pass
        handler.close_connection = True

    # what it saw

    def waits_for(self, count, seconds=60):
        """Long, because a transaction under way anywhere in the cluster, such as a test of the rules, holds back the stream of events."""
        until(lambda: len(self.came) >= count, seconds, f"{count} requests, there are {len(self.came)}")
        return self.came[:count]

    def stays_at(self, count, seconds=0.7):
        """Nothing more comes for some turns of the outbox."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            assert len(self.came) == count, self.came[count:]
            time.sleep(0.05)


class MailHandler(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def handle(self):
        self.say("220 mail.test ready")
        letter = {}
        for line in self.rfile:
            word = line.decode().strip()
            verb = word[:4].upper()
            self.server.heard.append(word)
            if verb == "EHLO":
                self.say("250-mail.test" if self.server.offers_tls else "250 mail.test")
                self.server.offers_tls and self.say("250 STARTTLS")
            elif verb == "MAIL":
                letter = {"from": word.partition("<")[2].partition(">")[0], "to": []}
                self.say("250 ok")
            elif verb == "RCPT":
                to = word.partition("<")[2].partition(">")[0]
                refused = self.server.refusals.get(to)
                letter["to"] += [] if refused else [to]
                self.say(refused or "250 ok")
            elif verb == "DATA":
                self.say("354 go on")
                data = b""
                for piece in self.rfile:
                    if piece == b".\r\n":
                        break
                    data += piece[1:] if piece.startswith(b"..") else piece
                letter["raw"] = data
                letter["mail"] = email.message_from_bytes(data, policy=email.policy.default)
                self.server.letters.append(letter)
                self.say("250 taken")
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok" if verb in ("RSET", "NOOP") else "502 no")


class MailServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, offers_tls=False):
        super().__init__(("127.0.0.1", 0), MailHandler)
        self.letters, self.heard, self.refusals, self.offers_tls = [], [], {}, offers_tls
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def url(self):
        return f"smtp://127.0.0.1:{self.server_address[1]}"

    def waits_for(self, count, about=""):
        """The first so many letters, or those that hold these words: what happened in other tests goes on being told."""

        def came():
            return [letter for letter in self.letters if about in letter["mail"].get_content()]

        until(lambda: len(came()) >= count, 20, f"{count} letters")
        return came()[:count]

    def end(self):
        self.shutdown()
        self.server_close()


def make_certificates(folder):
    """An authority and a server certificate by it for 127.0.0.1 alone: paths of the authority's, and (certificate, key)."""

    def openssl(*words):
        subprocess.run(["openssl", *map(str, words)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)

    key, authority = folder / "ca.key", folder / "ca.pem"
    own_key, request, own = folder / "server.key", folder / "server.csr", folder / "server.pem"
    names = folder / "names"
    names.write_text("subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n")
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    openssl("req", "-x509", *curve, "-keyout", key, "-out", authority, "-days", 2, "-subj", "/CN=tests", "-addext", "keyUsage=critical,keyCertSign")
    openssl("req", *curve, "-keyout", own_key, "-out", request, "-subj", "/CN=receiver")
    openssl("x509", "-req", "-in", request, "-CA", authority, "-CAkey", key, "-CAcreateserial", "-days", 2, "-extfile", names, "-out", own)
    return authority, (own, own_key)


FINE = {"errcode": 0, "errmsg": "ok"}


class Gateways:
    """Robots' host, SMS gateway and mail server in one; robots answer as `answers` says of their kind."""

    def __init__(self):
        self.http = Receiver()
        self.mail = MailServer()
        self.answers = {}
        self.http.behave = lambda handler, came: handler.answer(200, self.answers.get(came.path.split("/")[1], {"code": 0, **FINE}))

    def settings(self):
        return {
            "wecom_url": self.http.url("/wecom/send"),
            "dingtalk_url": self.http.url("/dingtalk/send"),
            "feishu_url": self.http.url("/feishu/hook"),
            "sms_url": self.http.url("/sms/{phone}"),
            "sms_headers": "X-Key: of the gateway",
            "sms_body": '{"to": "{phone}", "content": "{text}"}',
            "sms_success": '"code": 0',
            "smtp_url": self.mail.url,
            "smtp_from": "wall@home.test",
            "smtp_plain": 1,
            "base_url": "https://wall.home.test",
        }

    def of(self, kind):
        return [came for came in list(self.http.came) if came.path.split("/")[1] == kind]

    def waits_for(self, kind, count):
        until(lambda: len(self.of(kind)) >= count, 20, f"{count} messages of {kind}, there are {len(self.of(kind))}")
        return self.of(kind)[:count]

    def sms_to(self, phone, count=1, word="诉求"):
        """But for the codes of the tests' own sign-in."""
        found = lambda: [came for came in self.of("sms") if came.path.endswith(phone) and word in came.json["content"]]  # noqa: E731
        until(lambda: len(found()) >= count, 20, f"{count} short messages to {phone}")
        return found()

    def forget(self):
        self.http.came.clear()
        self.mail.letters.clear()
        self.mail.refusals.clear()
        self.answers.clear()


def deliveries(admin, one, **query):
    """Of a webhook or a channel, the oldest first."""
    return admin.items(f"/v1/hooks/{one['id']}/deliveries", query)[::-1]
