"""Pictures made by code: nothing of them comes from anywhere."""

import io
import struct
import zlib

from PIL import Image

GPS_MARK = b"GPS-MARKER-7421"


def drawn(width=64, height=40, mode="RGB"):
    """Four quarters of different colours, so that every orientation looks different."""
    image = Image.new("RGB", (width, height), (250, 20, 20))
    image.paste((20, 250, 20), (width // 2, 0, width, height // 2))
    image.paste((20, 20, 250), (0, height // 2, width // 2, height))
    image.paste((240, 240, 240), (width // 2, height // 2, width, height))
    return image.convert(mode)


def saved(image, kind, **more):
    out = io.BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


def exif(orientation=1, marked=True):
    data = Image.Exif()
    data[0x0112] = orientation
    if marked:
        data[0x010E] = GPS_MARK.decode()  # description
        data[0x013B] = "Artist " + GPS_MARK.decode()
        data[0x8825] = {1: "N", 2: (31.0, 13.0, 48.0), 3: "E", 4: (121.0, 28.0, 24.0), 29: GPS_MARK.decode()}
    return data.tobytes()


def jpeg(width=64, height=40, mode="RGB", **more):
    return saved(drawn(width, height, mode), "JPEG", quality=92, **more)


def png(width=64, height=40, mode="RGB", **more):
    return saved(drawn(width, height, mode), "PNG", **more)


def webp(width=64, height=40, **more):
    return saved(drawn(width, height), "WEBP", **more)


def distinct(number, width=32, height=24):
    """A picture of its own for each number."""
    return saved(Image.new("RGB", (width, height), (number * 25 % 256, number * 60 % 256, number * 7 % 256)), "PNG")


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of(width, height, depth, colour, rows, interlace=0, before=b""):
    """A PNG chunk by chunk; `rows` with their filter bytes."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + before + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def png_16_bit(width=8, height=8):
    return png_of(width, height, 16, 2, b"".join(b"\0" + struct.pack(">HHH", 65535, 128 * 257, 0) * width for _ in range(height)))


def png_interlaced(width=16, height=16):
    """Adam7 of one colour."""
    passes = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
    rows = b""
    for x, y, across, down in passes:
        columns, lines = len(range(x, width, across)), len(range(y, height, down))
        rows += (b"\0" + bytes((10, 200, 90)) * columns) * lines if columns else b""
    return png_of(width, height, 8, 2, rows, interlace=1)


def png_bomb(width=7000, height=7000):
    """49 megapixels of zeroes in a few hundred kilobytes, and a text that unpacks to 200 megabytes."""
    text = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"\0" * 200_000_000, 9))
    packer = zlib.compressobj(9)
    row = b"\0" * (1 + 3 * width)
    rows = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + text + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def of_size(kind, width, height):
    """What says of itself that it is so large; there is nothing in it."""
    if kind == "PNG":
        return png_of(width, height, 8, 2, b"\0")
    if kind == "JPEG":
        found = jpeg()
        at = found.index(b"\xff\xc0") + 5
        return found[:at] + struct.pack(">HH", height, width) + found[at + 4 :]
    body = b"VP8X" + struct.pack("<I", 10) + bytes(4) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


def animated_webp():
    return saved(drawn(), "WEBP", save_all=True, append_images=[drawn().rotate(180)], duration=100)


def heic():
    return struct.pack(">I", 24) + b"ftypheic" + bytes(4) + b"mif1heic" + bytes(200)


def opened(data):
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def looks_like(data, wanted, tolerance=40):
    """Whether the middles of the four quarters have the colours of `wanted` (a PIL image of any size)."""
    image, wanted = opened(data).convert("RGB"), wanted.convert("RGB")
    for x in (0.25, 0.75):
        for y in (0.25, 0.75):
            ours = image.getpixel((int(image.width * x), int(image.height * y)))
            theirs = wanted.getpixel((int(wanted.width * x), int(wanted.height * y)))
            if max(abs(a - b) for a, b in zip(ours, theirs)) > tolerance:
                return False
    return True


BOUNDARY = "----a-boundary-of-the-tests"


def form(files, boundary=BOUNDARY, ended=True, fields=()):
    """multipart/form-data as browsers and wx.uploadFile send it."""
    parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode() for name, value in fields]
    for number, data in enumerate(files):
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="照片 {number};.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
        parts.append(head.encode() + data + b"\r\n")
    return b"".join(parts) + (f"--{boundary}--\r\n".encode() if ended else b"")


# With a complaint

MULTIPART = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


def shown(complaint, n=1):
    return next(picture for picture in complaint["pictures"] if picture["n"] == n)


def uploaded(complaint, data, n=1, actor=None):
    answer = (actor or complaint.reporter).shows(complaint, n, data)
    assert answer.status == 201, answer
    return next(picture for picture in answer.json["pictures"] if picture["n"] == n)


def bytes_of(actor, picture, complaint=None, **more):
    answer = actor.looks_at_picture(picture, complaint, **more)
    assert answer.status == 200, answer
    return answer.body


def posted(complaint, body, headers=None):
    return complaint.reporter.post(f"{complaint.path}/pictures", body, receipt=complaint.receipt, headers=headers or MULTIPART)
