/* Preloaded into a process, ends it as a power switch would, just before the STRIKE_AT-th time that it writes to its
   disk for good or to a socket, whichever thread does it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static atomic_long calls;

static void *next(const char *name)
{
    const char *at = getenv("STRIKE_AT");
    if (at && atomic_fetch_add(&calls, 1) + 1 == atol(at))
        kill(getpid(), SIGKILL);
    return dlsym(RTLD_NEXT, name);
}

int fdatasync(int file)
{
    int (*original)(int) = next("fdatasync");
    return original(file);
}

ssize_t send(int socket, const void *bytes, size_t length, int flags)
{
    ssize_t (*original)(int, const void *, size_t, int) = next("send");
    return original(socket, bytes, length, flags);
}

ssize_t sendto(int socket, const void *bytes, size_t length, int flags, const struct sockaddr *to, socklen_t size)
{
    ssize_t (*original)(int, const void *, size_t, int, const struct sockaddr *, socklen_t) = next("sendto");
    return original(socket, bytes, length, flags, to, size);
}
