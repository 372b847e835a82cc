#include "http/cursor.h"
#include <sodium.h>
#include <string.h>
#include "base/secret.h"

enum { MAC = 16, LONGEST_LINK = 4096 };

/* Position and filters may be shown to the client; only that we made them must be sure. `limit` may change from page to page. */
static void sign(struct request *request, const char *key, const char *id, unsigned char mac[MAC])
{
    unsigned char full[32];
    const struct field *fields = request->endpoint->route->fields;
    const char *text = arena_print(&request->arena, "%s\n%s\n%s\n%s\n", request->caller.community, request->path, key, id);
    for (int i = 0; i < request->endpoint->field_count; i++)
        if (fields[i].type != CURSOR && request->inputs[i] && strcmp(fields[i].name, "limit") != 0)
            text = arena_print(&request->arena, "%s%s=%s\n", text, fields[i].name, request->inputs[i]);
    secret_keyed_bytes(FOR_CURSOR, text, strlen(text), full);
    memcpy(mac, full, MAC);
}

const char *cursor_make(struct request *request, const char *key, const char *id)
{
    unsigned char mac[MAC];
    size_t key_size = strlen(key), id_size = strlen(id), size = MAC + key_size + 1 + id_size;
    size_t length = sodium_base64_encoded_len(size, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    unsigned char *bytes = arena_take(&request->arena, size + 1);
    char *text = arena_take(&request->arena, length);
    sign(request, key, id, mac);
    memcpy(bytes, mac, MAC);
    memcpy(bytes + MAC, key, key_size);
    bytes[MAC + key_size] = '\n';
    memcpy(bytes + MAC + key_size + 1, id, id_size);
    return sodium_bin2base64(text, length, bytes, size, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

bool cursor_decode(struct arena *arena, const char *cursor, const char **key, const char **id, unsigned char mac[MAC])
{
    size_t length = strlen(cursor), size = 0;
    char *bytes = arena_take(arena, length + 1);
    if (sodium_base642bin((unsigned char *)bytes, length, cursor, length, NULL, &size, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        return false;
    char *feed = size > MAC ? memchr(bytes + MAC, '\n', size - MAC) : NULL;
    if (!feed || memchr(bytes + MAC, '\0', size - MAC))
        return false;
    bytes[size] = '\0';
    *feed = '\0';
    memcpy(mac, bytes, MAC);
    *key = bytes + MAC;
    *id = feed + 1;
    return true;
}

bool cursor_read(struct request *request, const char *cursor)
{
    unsigned char given[MAC], right[MAC];
    if (!cursor_decode(&request->arena, cursor, &request->after_key, &request->after_id, given))
        return false;
    sign(request, request->after_key, request->after_id, right);
    return sodium_memcmp(given, right, MAC) == 0;
}

static const char *percent_encoded(struct arena *arena, const char *text)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~", digits[] = "0123456789ABCDEF";
    char *encoded = arena_take(arena, 3 * strlen(text) + 1), *at = encoded;
    for (; *text; text++) {
        if (strchr(plain, *text)) {
            *at++ = *text;
            continue;
        }
        *at++ = '%';
        *at++ = digits[(unsigned char)*text >> 4];
        *at++ = digits[*text & 15];
    }
    return encoded;
}

const char *cursor_link(struct request *request, const char *cursor)
{
    const struct field *fields = request->endpoint->route->fields;
    const char *target = arena_print(&request->arena, "<%s?", request->path);
    for (int i = 0; i < request->endpoint->field_count; i++)
        if (fields[i].type != CURSOR && request->inputs[i] && request->inputs[i] != fields[i].otherwise)
            target = arena_print(&request->arena, "%s%s=%s&", target, fields[i].name, percent_encoded(&request->arena, request->inputs[i]));
    const char *link = arena_print(&request->arena, "%scursor=%s>; rel=\"next\"", target, cursor);
    return strlen(link) <= LONGEST_LINK ? link : NULL; /* it has to fit the connection's memory; the body has the cursor as well */
}
