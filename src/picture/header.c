/* Kinds and sizes of pictures, read from their first bytes; every offset is checked, for whoever sent them may mean harm. */
#include "picture/header.h"
#include <stdint.h>
#include <string.h>

/* Bytes that are left to read. */
struct rest {
    const unsigned char *at;
    size_t size;
};

static uint32_t big(const unsigned char *at, int bytes)
{
    uint32_t value = 0;
    while (bytes-- > 0)
        value = value << 8 | *at++;
    return value;
}

static uint32_t little(const unsigned char *at, int bytes)
{
    uint32_t value = 0;
    while (bytes-- > 0)
        value = value << 8 | at[bytes];
    return value;
}

static bool skip(struct rest *rest, size_t count)
{
    if (count > rest->size)
        return false;
    rest->at += count;
    rest->size -= count;
    return true;
}

/* Signatures. Formats of the ISO family name themselves by the brand after "ftyp". */

struct signature {
    size_t offset;
    const char *bytes;
    size_t length;
    enum picture_kind kind;
    const char *name;
};

#define SIGNATURE(offset_, bytes_, kind_, name_)                                                                                           \
    {                                                                                                                                      \
        .offset = offset_, .bytes = bytes_, .length = sizeof(bytes_) - 1, .kind = kind_, .name = name_                                     \
    }
static const struct signature signatures[] = {
    SIGNATURE(0, "\xff\xd8\xff", PICTURE_JPEG, "JPEG"), SIGNATURE(0, "\x89PNG\r\n\x1a\n", PICTURE_PNG, "PNG"),
    SIGNATURE(8, "WEBPVP8", PICTURE_WEBP, "WebP"),      SIGNATURE(4, "ftypheic", PICTURE_OTHER, "HEIC"),
    SIGNATURE(4, "ftypheix", PICTURE_OTHER, "HEIC"),    SIGNATURE(4, "ftyphevc", PICTURE_OTHER, "HEIC"),
    SIGNATURE(4, "ftypheim", PICTURE_OTHER, "HEIC"),    SIGNATURE(4, "ftypmif1", PICTURE_OTHER, "HEIC"),
    SIGNATURE(4, "ftypmsf1", PICTURE_OTHER, "HEIC"),    SIGNATURE(4, "ftypavif", PICTURE_OTHER, "AVIF"),
    SIGNATURE(4, "ftypavis", PICTURE_OTHER, "AVIF"),    SIGNATURE(4, "ftypqt", PICTURE_OTHER, "QuickTime"),
    SIGNATURE(4, "ftyp", PICTURE_OTHER, "MP4"),         SIGNATURE(0, "GIF8", PICTURE_OTHER, "GIF"),
    SIGNATURE(0, "BM", PICTURE_OTHER, "BMP"),           SIGNATURE(0, "II*\0", PICTURE_OTHER, "TIFF"),
    SIGNATURE(0, "MM\0*", PICTURE_OTHER, "TIFF"),       SIGNATURE(0, "%PDF-", PICTURE_OTHER, "PDF"),
    SIGNATURE(0, "<svg", PICTURE_OTHER, "SVG"),         SIGNATURE(0, "#!AMR", PICTURE_OTHER, "AMR"),
};
#undef SIGNATURE

enum picture_kind picture_kind(const unsigned char *bytes, size_t size, const char **name)
{
    for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++) {
        const struct signature *known = &signatures[i];
        if (size < known->offset + known->length || memcmp(bytes + known->offset, known->bytes, known->length) != 0)
            continue;
        if (name)
            *name = known->name;
        return known->kind;
    }
    if (name)
        *name = NULL;
    return PICTURE_UNKNOWN;
}

/* EXIF */

/* One tag is wanted: 0x0112, a SHORT, in the first directory. */
int picture_orientation(const unsigned char *exif, size_t size)
{
    enum { HEADER = 8, ENTRY = 12, ORIENTATION = 0x0112, SHORT = 3, UPRIGHT = 1 };
    if (size >= 6 && memcmp(exif, "Exif\0\0", 6) == 0) {
        exif += 6;
        size -= 6;
    }
    if (size < HEADER || (memcmp(exif, "II*\0", 4) != 0 && memcmp(exif, "MM\0*", 4) != 0))
        return UPRIGHT;
    uint32_t (*number)(const unsigned char *, int) = *exif == 'I' ? little : big;
    size_t directory = number(exif + 4, 4);
    if (directory < HEADER || directory > size || size - directory < 2)
        return UPRIGHT;
    size_t count = number(exif + directory, 2), room = (size - directory - 2) / ENTRY;
    const unsigned char *entry = exif + directory + 2;
    for (size_t i = 0; i < count && i < room; i++, entry += ENTRY) {
        if (number(entry, 2) != ORIENTATION || number(entry + 2, 2) != SHORT)
            continue;
        uint32_t value = number(entry + 8, 2);
        return value >= 1 && value <= 8 ? (int)value : UPRIGHT;
    }
    return UPRIGHT;
}

/* JPEG: segments until the frame header, which has the size. */

static bool is_frame(unsigned marker)
{
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

/* Moves behind the next marker; decoders skip what is between segments, so it is skipped here. With nothing left there was none. */
static unsigned next_marker(struct rest *rest)
{
    const unsigned char *found = rest->size ? memchr(rest->at, 0xff, rest->size) : NULL;
    skip(rest, found ? (size_t)(found - rest->at) : rest->size);
    while (rest->size > 0 && *rest->at == 0xff)
        skip(rest, 1);
    unsigned marker = rest->size > 0 ? *rest->at : 0;
    skip(rest, 1);
    return marker;
}

static bool read_jpeg(struct rest rest, struct picture_header *header)
{
    enum { SOI = 0xd8, EOI = 0xd9, SOS = 0xda, APP1 = 0xe1, TEM = 0x01, RST0 = 0xd0 };
    for (;;) {
        unsigned marker = next_marker(&rest);
        if (!rest.size || marker == EOI || marker == SOS)
            return false;
        if (marker == 0 || marker == TEM || (marker >= RST0 && marker <= SOI))
            continue;
        size_t length = rest.size >= 2 ? big(rest.at, 2) : 0;
        if (length < 2 || length > rest.size)
            return false;
        if (marker == APP1 && length >= 8 && memcmp(rest.at + 2, "Exif\0\0", 6) == 0)
            header->orientation = picture_orientation(rest.at + 2, length - 2);
        if (is_frame(marker)) {
            header->height = length >= 8 ? big(rest.at + 3, 2) : 0;
            header->width = length >= 8 ? big(rest.at + 5, 2) : 0;
            return true;
        }
        skip(&rest, length);
    }
}

/* PNG: IHDR comes first; eXIf, if there is one, before the end. */

static bool read_png(struct rest rest, struct picture_header *header)
{
    enum { SIGNATURE = 8, AROUND = 12 }; /* length, type and checksum of a chunk */
    skip(&rest, SIGNATURE);
    if (rest.size < 25 || big(rest.at, 4) != 13 || memcmp(rest.at + 4, "IHDR", 4) != 0)
        return false;
    header->width = big(rest.at + 8, 4);
    header->height = big(rest.at + 12, 4);
    while (rest.size >= AROUND) {
        size_t length = big(rest.at, 4);
        if (length > rest.size - AROUND)
            break;
        if (memcmp(rest.at + 4, "eXIf", 4) == 0)
            header->orientation = picture_orientation(rest.at + 8, length);
        skip(&rest, AROUND + length);
    }
    return true;
}

/* WebP: the canvas of VP8X, or the frame of the one chunk there is. */

static void read_canvas(const unsigned char *data, struct picture_header *header)
{
    enum { ANIMATION = 0x02 };
    header->moves = data[0] & ANIMATION;
    header->width = little(data + 4, 3) + 1;
    header->height = little(data + 7, 3) + 1;
}

static void read_lossy(const unsigned char *data, struct picture_header *header)
{
    if (memcmp(data + 3, "\x9d\x01\x2a", 3) != 0)
        return;
    header->width = little(data + 6, 2) & 0x3fff;
    header->height = little(data + 8, 2) & 0x3fff;
}

static void read_lossless(const unsigned char *data, struct picture_header *header)
{
    if (data[0] != 0x2f)
        return;
    uint32_t bits = little(data + 1, 4);
    header->width = (bits & 0x3fff) + 1;
    header->height = (bits >> 14 & 0x3fff) + 1;
}

static bool read_webp(struct rest rest, struct picture_header *header)
{
    enum { RIFF = 12, CHUNK = 8, LEAST = 10 }; /* LEAST: data bytes that hold a size */
    skip(&rest, RIFF);
    bool known = false;
    while (rest.size >= CHUNK) {
        const unsigned char *data = rest.at + CHUNK;
        size_t length = little(rest.at + 4, 4), here = rest.size - CHUNK;
        if (!known && here >= LEAST && length >= LEAST) {
            void (*read)(const unsigned char *, struct picture_header *) = !memcmp(rest.at, "VP8X", 4)   ? read_canvas
                                                                           : !memcmp(rest.at, "VP8L", 4) ? read_lossless
                                                                           : !memcmp(rest.at, "VP8 ", 4) ? read_lossy
                                                                                                         : NULL;
            if (read)
                read(data, header);
            known = read;
        }
        if (memcmp(rest.at, "EXIF", 4) == 0)
            header->orientation = picture_orientation(data, length < here ? length : here);
        if (!skip(&rest, CHUNK) || !skip(&rest, length) || !skip(&rest, length & 1))
            break;
    }
    return known;
}

bool picture_read_header(const unsigned char *bytes, size_t size, struct picture_header *header)
{
    struct rest all = {bytes, size};
    *header = (struct picture_header){.kind = picture_kind(bytes, size, NULL), .orientation = 1};
    bool read = header->kind == PICTURE_JPEG   ? skip(&all, 2) && read_jpeg(all, header)
                : header->kind == PICTURE_PNG  ? read_png(all, header)
                : header->kind == PICTURE_WEBP ? read_webp(all, header)
                                               : false;
    return read && header->width > 0 && header->height > 0;
}
