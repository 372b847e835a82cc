/* A letter as mail servers want it (RFC 5322, RFC 2047): every byte of it ASCII, no line longer than 78. */
#include <sodium.h>
#include <string.h>
#include "jobs/push.h"

static const char *base64(struct arena *arena, const char *bytes, size_t size)
{
    size_t room = sodium_base64_ENCODED_LEN(size, sodium_base64_VARIANT_ORIGINAL);
    return sodium_bin2base64(arena_take(arena, room), room, (const unsigned char *)bytes, size, sodium_base64_VARIANT_ORIGINAL);
}

/* At most so many bytes of the text, not ending within a code point. */
static size_t whole_points(const char *text, size_t most)
{
    size_t length = strnlen(text, most);
    if (!text[length])
        return length;
    while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
        length--;
    return length;
}

/* As encoded words, one a line. */
static const char *encoded_words(struct arena *arena, const char *text)
{
    enum { BYTES = 42 }; /* 56 of base64 and 12 around them stay below 75 */
    const char *words = "";
    while (*text) {
        size_t length = whole_points(text, BYTES);
        words = arena_print(arena, "%s%s=?UTF-8?B?%s?=", words, *words ? "\r\n " : "", base64(arena, text, length));
        text += length;
    }
    return words;
}

static const char *encoded_lines(struct arena *arena, const char *text)
{
    enum { LINE = 57 }; /* bytes that become 76 */
    const char *lines = "";
    for (size_t left = strlen(text), length; left > 0; left -= length, text += length) {
        length = left < LINE ? left : LINE;
        lines = arena_print(arena, "%s%s\r\n", lines, base64(arena, text, length));
    }
    return lines;
}

/* Whatever was let in before: an address with a line end or a bracket would write headers of its own. */
bool mail_address_is_plain(const char *address)
{
    size_t length = strlen(address);
    const char *at = strchr(address, '@');
    for (const char *byte = address; *byte; byte++)
        if (*byte <= ' ' || *byte >= 127 || strchr("<>\"(),:;\\[]", *byte))
            return false;
    return at && at > address && at[1] && length <= 254;
}

/* What is before the link, without the mark that begins every text. */
static const char *subject_of(struct arena *arena, const char *words)
{
    const char *link = strstr(words, " http");
    return arena_copy(arena, words, link ? (size_t)(link - words) : strlen(words));
}

const char *mail_text(struct arena *arena, const struct push *push, const char *from, const char *to)
{
    if (!mail_address_is_plain(from) || !mail_address_is_plain(to))
        return NULL;
    return arena_print(arena,
                       "Date: %s\r\nFrom: %s <%s>\r\nTo: <%s>\r\nSubject: %s\r\nMessage-ID: <%s.%s@%s>\r\n"
                       "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                       "Content-Transfer-Encoding: base64\r\n\r\n%s",
                       push->date, encoded_words(arena, "社区回音壁 Echo Wall"), from, to,
                       encoded_words(arena, subject_of(arena, push->words)), push->message, push->hook, strchr(from, '@') + 1,
                       encoded_lines(arena, push->words));
}
