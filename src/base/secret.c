#include "base/secret.h"
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "base/file.h"
#include "base/log.h"
#include "base/settings.h"

enum { KEY_SIZE = 32, PURPOSES = FOR_SURVEY + 1 };

static unsigned char keys[PURPOSES][KEY_SIZE];

static char *bytea(struct arena *arena, const unsigned char *bytes, size_t size)
{
    char *text = arena_take(arena, 2 * size + 3);
    memcpy(text, "\\x", 2);
    sodium_bin2hex(text + 2, 2 * size + 1, bytes, size);
    return text;
}

/* NULL: not the form of a bytea. */
static unsigned char *bytes_of(struct arena *arena, const char *text, size_t *size)
{
    if (strncmp(text, "\\x", 2) != 0)
        return NULL;
    size_t length = strlen(text + 2);
    unsigned char *bytes = arena_take(arena, length / 2 + 1);
    const char *end;
    if (sodium_hex2bin(bytes, length / 2 + 1, text + 2, length, NULL, size, &end) != 0 || *end)
        return NULL;
    return bytes;
}

/* The key */

static bool make_key_file(const char *path)
{
    unsigned char key[KEY_SIZE];
    char text[2 * KEY_SIZE + 2];
    randombytes_buf(key, sizeof key);
    sodium_bin2hex(text, 2 * KEY_SIZE + 1, key, sizeof key);
    strcat(text, "\n");
    bool made = file_make_folder_of(path, 0711) && file_write_new(path, text);
    int error = errno;
    sodium_memzero(key, sizeof key);
    sodium_memzero(text, sizeof text);
    if (made)
        log_event(LOG_INFO, "key made", "file", path, NULL);
    else if (error != EEXIST) /* else another process was faster, and its key counts */
        log_event(LOG_ERROR, "the key file cannot be made", "file", path, "reason", strerror(error), NULL);
    return made || error == EEXIST;
}

static void warn_of_readers(const char *path)
{
    struct stat found;
    if (stat(path, &found) == 0 && (found.st_mode & 077) != 0)
        log_event(LOG_WARNING, "the key file is open to others; chmod 600 it", "file", path, NULL);
}

static bool derive_keys(const char *path, char *text)
{
    unsigned char master[KEY_SIZE];
    size_t size;
    const char *end;
    bool fine = sodium_hex2bin(master, sizeof master, text, strlen(text), " \r\n", &size, &end) == 0 && size == KEY_SIZE && !*end;
    for (unsigned purpose = 1; fine && purpose < PURPOSES; purpose++)
        crypto_kdf_derive_from_key(keys[purpose], KEY_SIZE, purpose, "echowall", master);
    sodium_memzero(master, sizeof master);
    sodium_memzero(text, strlen(text));
    if (!fine)
        log_event(LOG_ERROR, "the key file does not hold 64 hexadecimal digits", "file", path, NULL);
    return fine;
}

bool secret_start(const char *key_file)
{
    enum { LIMIT = 1024 }; /* bytes */
    if (sodium_init() < 0) {
        log_event(LOG_ERROR, "libsodium cannot start", NULL);
        return false;
    }
    char *text = file_read(key_file, LIMIT);
    if (!text && errno == ENOENT) {
        if (!make_key_file(key_file))
            return false;
        text = file_read(key_file, LIMIT);
    }
    if (!text) {
        log_event(LOG_ERROR, "the key file cannot be read", "file", key_file, "reason", strerror(errno), NULL);
        return false;
    }
    warn_of_readers(key_file);
    bool fine = derive_keys(key_file, text);
    free(text);
    return fine;
}

/* Hashes */

char *secret_hash(struct arena *arena, const void *bytes, size_t size)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, bytes, size);
    return bytea(arena, hash, sizeof hash);
}

void secret_keyed_bytes(enum secret_purpose purpose, const void *bytes, size_t size, unsigned char into[32])
{
    crypto_generichash(into, 32, bytes, size, keys[purpose], KEY_SIZE);
}

char *secret_keyed_hash(struct arena *arena, enum secret_purpose purpose, const void *bytes, size_t size)
{
    unsigned char hash[32];
    secret_keyed_bytes(purpose, bytes, size, hash);
    return bytea(arena, hash, sizeof hash);
}

char *secret_nonce(struct arena *arena)
{
    unsigned char nonce[16];
    randombytes_buf(nonce, sizeof nonce);
    return bytea(arena, nonce, sizeof nonce);
}

char *secret_commitment(struct arena *arena, const char *nonce, const char *text)
{
    crypto_hash_sha256_state state;
    unsigned char hash[crypto_hash_sha256_BYTES];
    size_t size = 0;
    const unsigned char *bytes = bytes_of(arena, nonce, &size);
    crypto_hash_sha256_init(&state);
    if (bytes)
        crypto_hash_sha256_update(&state, bytes, size);
    crypto_hash_sha256_update(&state, (const unsigned char *)text, strlen(text));
    crypto_hash_sha256_final(&state, hash);
    return bytea(arena, hash, sizeof hash);
}

/* Sealing: 24 random bytes of nonce, then the ciphertext with its tag */

enum { NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES };

char *secret_seal(struct arena *arena, const char *context, const char *text)
{
    size_t length = strlen(text);
    unsigned char *sealed = arena_take(arena, NONCE + length + TAG);
    randombytes_buf(sealed, NONCE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + NONCE, NULL, (const unsigned char *)text, length, (const unsigned char *)context,
                                               strlen(context), NULL, sealed, keys[FOR_SEALING]);
    return bytea(arena, sealed, NONCE + length + TAG);
}

char *secret_open(struct arena *arena, const char *context, const char *sealed)
{
    size_t size = 0;
    const unsigned char *bytes = bytes_of(arena, sealed, &size);
    if (!bytes || size < NONCE + TAG)
        return NULL;
    char *text = arena_take(arena, size - NONCE - TAG + 1);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt((unsigned char *)text, NULL, NULL, bytes + NONCE, size - NONCE,
                                                   (const unsigned char *)context, strlen(context), bytes, keys[FOR_SEALING]) != 0)
        return NULL;
    return text;
}

/* Passwords */

bool secret_password_hash(const char *password, char hash[128])
{
    _Static_assert(crypto_pwhash_STRBYTES == 128, "the hash fits");
    return crypto_pwhash_str(hash, password, strlen(password), (unsigned long long)settings.password_passes,
                             (size_t)settings.password_memory * 1024) == 0;
}

bool secret_password_fits(const char *hash, const char *password)
{
    char unused[128];
    if (!hash) {
        secret_password_hash(password, unused); /* takes as long as a wrong password: the time tells nobody which logins exist */
        return false;
    }
    return crypto_pwhash_str_verify(hash, password, strlen(password)) == 0;
}
