// The load generator: clients that ask the agent, and how long each answer took.
//
//   load SOCKET CLIENTS DEPTH FIRST COUNT REQUEST…
//
// An operation is all REQUESTs, in order, on one connection; each is a JSON-RPC line without its envelope:
// `netns.add {"name":"n@"}`, where @ is the operation's number (FIRST and on), and # is that number as two octets, A.B.
// Each client keeps DEPTH operations under way; COUNT is of all clients together. COUNT 0: until SIGTERM.
//
// Prints one JSON object: seconds, operations, errors, the first error's line, and each operation's nanoseconds from
// the moment it was sent to its last answer. Ends with 1 where there was an error.

#define _GNU_SOURCE
#include "common.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

typedef struct {
    int fd;
    char *out;                 // bytes not sent yet
    size_t out_count, out_room;
    char in[1 << 16];          // the line under way
    size_t in_count;
    int64_t *began;            // of the operations under way, a ring of DEPTH
    long sent, done;           // operations begun and ended
    int answers;               // to the operation that is answered now
} Client;

static char **requests;
static int request_count;
static long depth, next_operation, last_operation, finished, errors;
static int64_t *latencies;
static size_t latency_count, latency_room;
static char first_error[4096];
static volatile sig_atomic_t stopped;

static void stop(int signal) { (void)signal; stopped = 1; }

static void append(Client *client, const char *bytes, size_t count) {
    if (client->out_count + count > client->out_room) {
        client->out_room = (client->out_count + count) * 2;
        client->out = realloc(client->out, client->out_room);
        if (!client->out) err(1, "realloc");
    }
    memcpy(client->out + client->out_count, bytes, count);
    client->out_count += count;
}

static void append_request(Client *client, const char *request, long operation) {
    char text[64];
    size_t method = strcspn(request, " ");
    append(client, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"", 34);
    append(client, request, method);
    append(client, "\",\"params\":", 11);
    for (const char *rest = request + method; *rest; rest++) {
        if (*rest == '@') append(client, text, (size_t)sprintf(text, "%ld", operation));
        else if (*rest == '#') append(client, text, (size_t)sprintf(text, "%ld.%ld", operation >> 8 & 255, operation & 255));
        else append(client, rest, 1);
    }
    append(client, "}\n", 2);
}

static void flush(Client *client) {
    size_t sent = 0;
    while (sent < client->out_count) {
        ssize_t count = send(client->fd, client->out + sent, client->out_count - sent, MSG_NOSIGNAL);
        if (count < 0 && errno == EAGAIN) break;
        if (count < 0) err(1, "send");
        sent += (size_t)count;
    }
    memmove(client->out, client->out + sent, client->out_count - sent);
    client->out_count -= sent;
}

static void begin_operations(Client *client) {
    while (client->sent - client->done < depth && !stopped && (last_operation == 0 || next_operation < last_operation)) {
        for (int request = 0; request < request_count; request++) append_request(client, requests[request], next_operation);
        client->began[client->sent++ % depth] = nanoseconds();
        next_operation++;
    }
    flush(client);
}

static void take_line(Client *client, const char *line, size_t length) {
    if (memmem(line, length, "\"error\":", 8)) {
        if (!errors++) snprintf(first_error, sizeof first_error, "%.*s", (int)length, line);
    }
    if (++client->answers < request_count) return;
    client->answers = 0;
    if (latency_count == latency_room) {
        latency_room = latency_room ? latency_room * 2 : 4096;
        latencies = realloc(latencies, latency_room * sizeof *latencies);
        if (!latencies) err(1, "realloc");
    }
    latencies[latency_count++] = nanoseconds() - client->began[client->done++ % depth];
    finished++;
}

/// Only ends of lines matter, and the beginning of each; a line may be longer than there is room for.
static void take_bytes(Client *client) {
    char bytes[1 << 16];
    ssize_t count = recv(client->fd, bytes, sizeof bytes, 0);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) errx(1, "the agent closed a connection; %s", first_error);
    for (ssize_t at = 0; at < count;) {
        char *end = memchr(bytes + at, '\n', (size_t)(count - at));
        size_t length = end ? (size_t)(end - bytes - at) : (size_t)(count - at);
        size_t kept = length < sizeof client->in - client->in_count ? length : sizeof client->in - client->in_count;
        memcpy(client->in + client->in_count, bytes + at, kept);
        client->in_count += kept;
        at += (ssize_t)length;
        if (!end) break;
        take_line(client, client->in, client->in_count);
        client->in_count = 0;
        at++;
    }
    begin_operations(client);
}

static int connect_to(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0) err(1, "%s", path);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

static void print_quoted(const char *text) {
    putchar('"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\') putchar('\\');
        putchar(*text);
    }
    putchar('"');
}

int main(int count, char **words) {
    if (count < 7) errx(2, "usage: load SOCKET CLIENTS DEPTH FIRST COUNT REQUEST…");
    long clients = number(words[2]), operations = number(words[5]);
    depth = number(words[3]);
    next_operation = number(words[4]);
    last_operation = operations ? next_operation + operations : 0;
    requests = words + 6;
    request_count = count - 6;
    signal(SIGTERM, stop);
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    Client *all = calloc((size_t)clients, sizeof *all);
    if (!all) err(1, "calloc");
    for (long index = 0; index < clients; index++) {
        all[index].fd = connect_to(words[1]);
        all[index].began = calloc((size_t)depth, sizeof *all[index].began);
    }
    int64_t began = nanoseconds();
    for (long index = 0; index < clients; index++) {
        struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = &all[index]};
        epoll_ctl(epoll, EPOLL_CTL_ADD, all[index].fd, &event);
        begin_operations(&all[index]);
    }
    while (!stopped && (operations == 0 || finished < operations)) {
        struct epoll_event events[64];
        int ready = epoll_wait(epoll, events, 64, -1);
        for (int index = 0; index < ready; index++) {
            Client *client = events[index].data.ptr;
            if (events[index].events & EPOLLOUT) flush(client);
            // Edge-triggered: to the end of what is there.
            int waiting = 1;
            while (waiting && events[index].events & (EPOLLIN | EPOLLHUP)) {
                take_bytes(client);
                char byte;
                waiting = recv(client->fd, &byte, 1, MSG_PEEK) >= 0;
            }
        }
    }
    printf("{\"seconds\":%.9f,\"operations\":%ld,\"errors\":%ld,\"first_error\":", (double)(nanoseconds() - began) / 1e9,
           finished, errors);
    print_quoted(first_error);
    printf(",\"nanoseconds\":[");
    for (size_t index = 0; index < latency_count; index++) printf("%s%lld", index ? "," : "", (long long)latencies[index]);
    printf("]}\n");
    return errors ? 1 : 0;
}
