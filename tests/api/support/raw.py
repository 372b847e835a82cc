"""Requests as bytes, for what no client library would send."""

GOOD = {"text": "楼道灯坏了。", "identity": "anonymous", "visibility": "public"}


def post(*lines, body=b"{}"):
    head = b"POST /v1/complaints HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    return head + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body
