// Somebody who does the agent no good, until SIGTERM.
//
//   flood SOCKET KIND [COUNT]
//
//   unread       asks for long answers on COUNT connections and reads none
//   connections  connects and lets go, as fast as it can
//   subscribers  COUNT connections that want every event and read none
//   slow         COUNT connections that send a byte a second
//   idle         COUNT connections that send nothing
//   big          lines of a megabyte, whole and valid
//
// A connection that the agent ends is made anew. What cannot be had (a limit) is asked for again a little later.

#define _GNU_SOURCE
#include "common.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct sockaddr_un address = {.sun_family = AF_UNIX};

static int connect_to_agent(void) {
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) err(1, "socket");
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
        close(fd);
        return -1;
    }
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

/// Whether the connection is still there; what is said on it is thrown away only where `reads`.
static int is_open(int fd, int reads) {
    char bytes[4096];
    ssize_t count = recv(fd, bytes, sizeof bytes, reads ? 0 : MSG_PEEK);
    return count > 0 || (count < 0 && errno == EAGAIN);
}

int main(int words_count, char **words) {
    if (words_count < 3) errx(2, "usage: flood SOCKET KIND [COUNT]");
    snprintf(address.sun_path, sizeof address.sun_path, "%s", words[1]);
    const char *kind = words[2];
    long count = words_count > 3 ? number(words[3]) : 1;

    if (!strcmp(kind, "connections")) {
        while (1) {
            int fd = connect_to_agent();
            if (fd < 0) usleep(1000);
            else close(fd);
        }
    }
    size_t length = 0;
    char *text = malloc(1 << 20);
    if (!text) err(1, "malloc");
    if (!strcmp(kind, "unread")) {
        length = (size_t)sprintf(text, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"rpc.discover\"}\n");
    } else if (!strcmp(kind, "subscribers")) {
        length = (size_t)sprintf(text, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"event.subscribe\",\"params\":{}}\n");
    } else if (!strcmp(kind, "big")) {
        length = 1000000;
        memset(text, ' ', length);
        memcpy(text, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"agent.info\",\"params\":{", 56);
        memcpy(text + length - 3, "}}\n", 3);
    } else if (!strcmp(kind, "slow") || !strcmp(kind, "idle")) {
        text[0] = ' ';
        length = !strcmp(kind, "slow");
    } else {
        errx(2, "there is no flood \"%s\"", kind);
    }
    int reads = !strcmp(kind, "big"), is_once = !strcmp(kind, "subscribers"), is_calm = length <= 1;
    int *fds = malloc((size_t)count * sizeof *fds);
    size_t *sent = calloc((size_t)count, sizeof *sent);
    if (!fds || !sent) err(1, "malloc");
    for (long index = 0; index < count; index++) fds[index] = -1;
    while (1) {
        int idle = 1;
        for (long index = 0; index < count; index++) {
            if (fds[index] >= 0 && !is_open(fds[index], reads)) {
                close(fds[index]);
                fds[index] = -1;
            }
            if (fds[index] < 0) {
                fds[index] = connect_to_agent();
                sent[index] = 0;
            }
            if (fds[index] < 0 || length == 0 || (is_once && sent[index] == length)) continue;
            if (sent[index] == length) sent[index] = 0;
            ssize_t now = send(fds[index], text + sent[index], length - sent[index], MSG_NOSIGNAL);
            if (now > 0) sent[index] += (size_t)now, idle = 0;
        }
        if (is_calm) sleep(1);
        else if (idle) usleep(1000);
    }
}
