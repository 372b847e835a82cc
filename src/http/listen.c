#include "http/listen.h"
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "base/log.h"
#include "base/settings.h"

enum { BACKLOG = 1024, FIRST_PASSED_SOCKET = 3, FLAGS = SOCK_NONBLOCK | SOCK_CLOEXEC };

static char *socket_path; /* ours to remove */

static bool refuse(const char *why)
{
    log_event(LOG_ERROR, "cannot listen", "address", settings.listen, "error", why, NULL);
    return false;
}

static bool share(int socket, int count, int sockets[])
{
    sockets[0] = socket;
    for (int i = 1; i < count; i++)
        if ((sockets[i] = fcntl(socket, F_DUPFD_CLOEXEC, 0)) < 0)
            return refuse(strerror(errno));
    return true;
}

/* systemd's socket activation: the socket is open already and is number 3. */
static bool is_passed(void)
{
    const char *process = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
    return process && count && atol(process) == getpid() && atoi(count) >= 1;
}

static bool take_passed(int count, int sockets[])
{
    fcntl(FIRST_PASSED_SOCKET, F_SETFD, FD_CLOEXEC);
    fcntl(FIRST_PASSED_SOCKET, F_SETFL, fcntl(FIRST_PASSED_SOCKET, F_GETFL) | O_NONBLOCK);
    return share(FIRST_PASSED_SOCKET, count, sockets);
}

static bool is_alive(const struct sockaddr_un *address)
{
    int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool alive = probe >= 0 && connect(probe, (const struct sockaddr *)address, sizeof *address) == 0;
    if (probe >= 0)
        close(probe);
    return alive;
}

/* A path that a killed daemon left behind is taken over; one that somebody answers at is not. */
static bool listen_at_path(const char *path, int count, int sockets[])
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct stat status;
    if (strlen(path) >= sizeof address.sun_path)
        return refuse("the path is too long");
    memcpy(address.sun_path, path, strlen(path));
    if (lstat(path, &status) == 0 && S_ISSOCK(status.st_mode)) {
        if (is_alive(&address))
            return refuse("somebody listens there already");
        unlink(path);
    }
    int listener = socket(AF_UNIX, SOCK_STREAM | FLAGS, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, BACKLOG) < 0) {
        if (listener >= 0)
            close(listener);
        return refuse(strerror(errno));
    }
    socket_path = strdup(path);
    return share(listener, count, sockets);
}

static int open_socket(const struct addrinfo *address, bool shared)
{
    static const int on = 1;
    int listener = socket(address->ai_family, address->ai_socktype | FLAGS, address->ai_protocol);
    if (listener < 0)
        return -1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (shared)
        setsockopt(listener, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    if (bind(listener, address->ai_addr, address->ai_addrlen) == 0 && listen(listener, BACKLOG) == 0)
        return listener;
    int error = errno;
    close(listener);
    errno = error;
    return -1;
}

/* Sockets with SO_REUSEPORT would quietly share the port with another daemon, so one without it asks first. */
static bool is_free(const struct addrinfo *address)
{
    int probe = open_socket(address, false);
    if (probe < 0)
        return false;
    close(probe);
    return true;
}

static bool listen_at(struct addrinfo *address, int count, int sockets[])
{
    if (!is_free(address))
        return refuse(strerror(errno));
    for (int i = 0; i < count; i++) {
        if ((sockets[i] = open_socket(address, true)) < 0)
            return refuse(strerror(errno));
        socklen_t size = address->ai_addrlen; /* port 0: the first socket chose, the others follow */
        getsockname(sockets[i], address->ai_addr, &size);
    }
    return true;
}

/* "127.0.0.1:8080", "[::1]:8080", ":8080" for all. */
static bool split(const char *text, char host[256], const char **port)
{
    const char *colon = strrchr(text, ':');
    if (!colon || colon - text >= 256 || !colon[1] || colon[1 + strspn(colon + 1, "0123456789")])
        return false;
    size_t length = (size_t)(colon - text);
    if (*text == '[' && length >= 2 && colon[-1] == ']') {
        text++;
        length -= 2;
    } else if (memchr(text, ':', length))
        return false;
    memcpy(host, text, length);
    host[length] = '\0';
    *port = colon + 1;
    return true;
}

bool listen_start(int count, int sockets[])
{
    static const struct addrinfo wanted = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    char host[256];
    const char *port;
    if (is_passed())
        return take_passed(count, sockets);
    if (strncmp(settings.listen, "unix:", 5) == 0)
        return listen_at_path(settings.listen + 5, count, sockets);
    if (!split(settings.listen, host, &port))
        return refuse("not address:port, [address]:port or unix:/path");
    int error = getaddrinfo(*host ? host : NULL, port, &wanted, &found);
    if (error)
        return refuse(gai_strerror(error));
    bool listening = listen_at(found, count, sockets);
    freeaddrinfo(found);
    return listening;
}

void listen_end(void)
{
    if (socket_path)
        unlink(socket_path);
    free(socket_path);
    socket_path = NULL;
}
