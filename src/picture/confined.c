#include "picture/confined.h"
#include <errno.h>
#include <poll.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <turbojpeg.h>
#include <unistd.h>
#include "picture/header.h"
#include "picture/limits.h"
#include "picture/pixels.h"

enum { SOURCE = 0, KEPT = 1, SMALL = 3, ALIVE = 4 }; /* descriptors; the last is the end of a pipe of which the daemon holds the other */
enum { QUALITY = 85 };
enum { MOST_SECONDS = 20, MOST_MEMORY = 768 << 20, MOST_WRITTEN = 64 << 20 }; /* of the processor; bytes */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
static const bool sanitized = true; /* their shadow memory takes terabytes of addresses */
#else
static const bool sanitized = false;
#endif

static bool limit(int resource, rlim_t most)
{
    return setrlimit(resource, &(struct rlimit){.rlim_cur = most, .rlim_max = most}) == 0;
}

static bool set_limits(void)
{
    return limit(RLIMIT_CPU, MOST_SECONDS) && limit(RLIMIT_FSIZE, MOST_WRITTEN) && limit(RLIMIT_CORE, 0) &&
           (sanitized || limit(RLIMIT_AS, MOST_MEMORY));
}

/* Memory, the descriptors that are open, and the end. */
static const int harmless[] = {
    SCMP_SYS(read),         SCMP_SYS(write),          SCMP_SYS(lseek),       SCMP_SYS(fstat),         SCMP_SYS(newfstatat),
    SCMP_SYS(munmap),       SCMP_SYS(mremap),         SCMP_SYS(brk),         SCMP_SYS(madvise),       SCMP_SYS(futex),
    SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask), SCMP_SYS(getrandom),   SCMP_SYS(clock_gettime), SCMP_SYS(sched_yield),
    SCMP_SYS(exit),         SCMP_SYS(exit_group),     SCMP_SYS(sigaltstack), SCMP_SYS(gettid),        SCMP_SYS(getpid),
};

static bool allow_harmless(scmp_filter_ctx filter)
{
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
        if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, harmless[i], 0) != 0)
            return false;
    const struct scmp_arg_cmp not_executable = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, not_executable) == 0 &&
           seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, not_executable) == 0;
}

bool confine(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    bool confined = filter && set_limits() && prctl(PR_SET_DUMPABLE, 0) == 0 && allow_harmless(filter) && seccomp_load(filter) == 0;
    if (filter)
        seccomp_release(filter);
    return confined;
}

static enum confined_end put(int file, const unsigned char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t written = write(file, bytes, size);
        if (written < 0)
            return errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? CONFINED_FULL : CONFINED_UNABLE;
        bytes += written;
        size -= (size_t)written;
    }
    return CONFINED_DONE;
}

/* A JPEG of the pixels alone: there is nothing else that could go with them. */
static enum confined_end write_jpeg(int file, const struct pixels *pixels)
{
    unsigned char *bytes = NULL;
    unsigned long size = 0;
    tjhandle handle = tjInitCompress();
    enum confined_end end = CONFINED_BROKEN;
    if (handle && pixels->rgb &&
        tjCompress2(handle, pixels->rgb, (int)pixels->width, 0, (int)pixels->height, TJPF_RGB, &bytes, &size, TJSAMP_420, QUALITY, 0) == 0)
        end = put(file, bytes, size);
    tjFree(bytes);
    if (handle)
        tjDestroy(handle);
    return end;
}

static enum confined_end rewrite(const unsigned char *bytes, size_t size)
{
    struct picture_header header;
    if (!picture_read_header(bytes, size, &header))
        return CONFINED_BROKEN;
    struct pixels pixels = pixels_decode(bytes, size, PICTURE_LONGEST);
    if (!pixels.rgb)
        return CONFINED_BROKEN;
    pixels = pixels_upright(pixels_within(pixels, PICTURE_LONGEST), header.orientation);
    enum confined_end end = write_jpeg(KEPT, &pixels);
    if (end == CONFINED_DONE) {
        struct pixels small = pixels_copy_within(&pixels, PICTURE_THUMBNAIL);
        end = write_jpeg(SMALL, &small);
        pixels_free(&small);
    }
    pixels_free(&pixels);
    return end;
}

/* Killed with the daemon from now on; one that went before is seen by its end of the pipe. */
static bool is_wanted(void)
{
    struct pollfd daemon = {.fd = ALIVE};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    return poll(&daemon, 1, 0) == 0;
}

int image_worker(void)
{
    struct stat found;
    if (!is_wanted())
        return CONFINED_UNABLE;
    signal(SIGXFSZ, SIG_IGN); /* write() says it */
    if (fstat(SOURCE, &found) != 0 || found.st_size <= 0 || found.st_size > PICTURE_MOST_BYTES)
        return CONFINED_UNABLE;
    const unsigned char *bytes = mmap(NULL, (size_t)found.st_size, PROT_READ, MAP_PRIVATE, SOURCE, 0);
    if (bytes == MAP_FAILED || !confine())
        return CONFINED_UNABLE;
    _exit(rewrite(bytes, (size_t)found.st_size)); /* what happens at a proper exit is not allowed here */
}
