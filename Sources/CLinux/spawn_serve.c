// netnsd-spawn: the loop that takes requests, starts programs and reports their ends.
//
// Theory of operation. One thread, one epoll: the socket to the agent, a signalfd for SIGCHLD, and for each start that
// has not become its program yet the status pipe. Nothing blocks: a person's working directory or program may lie on a
// file system that never answers, and only that start waits then (CLINUX_SPAWN_CANCEL ends it). A status pipe that
// closes empty means that execve(2) succeeded.
//
// Answers that the socket has no room for are queued, and no further request is taken before they are gone, so the
// queue is bounded by what runs. waitpid(2) is asked after everything else of a wake-up, so that nothing in it is freed
// under another event. When the agent is gone, answers are dropped and the spawner leaves after the last program. Those
// that the agent has said to keep go on; any other it has not written down, nobody would know of it, and it is killed.
#define _GNU_SOURCE
#include "spawn_plan.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/// A process that was cloned and is not a program that is kept: not its program yet, or never, because its start failed
/// or it makes a namespace, or the agent has not asked yet to keep it.
typedef struct start {
    struct start *next;
    uint64_t id;
    pid_t pid;
    int pidfd;
    int status;   // the reading end of its pipe or socket; -1 once it was read
    bool makes;   // a delegated namespace; status is a socket
    bool settled; // it failed or its namespace is made, and that was reported: its end is nobody's business
    bool runs;    // it is its program, and that was reported
} start;

/// An answer that waits for room in the socket.
typedef struct answer {
    struct answer *next;
    clinux_spawn_event event;
    int pidfd; // -1: none
} answer;

typedef struct {
    int epoll;
    int socket; // -1: the agent is gone
    int signals;
    start *starts;
    answer *first, **last;
} spawner;

static void close_if_open(int fd) {
    if (fd >= 0)
        close(fd);
}

/// Closes a descriptor that epoll watches. close(2) alone would not end that: a new process still has a copy of it, and
/// epoll would go on with events for what is freed here.
static void unwatch(spawner *self, int *fd) {
    if (*fd < 0)
        return;
    epoll_ctl(self->epoll, EPOLL_CTL_DEL, *fd, NULL);
    close(*fd);
    *fd = -1;
}

// Answers.

static void leave_agent(spawner *self) {
    unwatch(self, &self->socket);
    for (start *unknown = self->starts; unknown; unknown = unknown->next)
        kill(unknown->pid, SIGKILL); // a child that waitpid(2) has not given: the pid is its own
    while (self->first) {
        answer *gone = self->first;
        self->first = gone->next;
        close_if_open(gone->pidfd);
        free(gone);
    }
    self->last = &self->first;
}

/// Tells epoll what the socket is waited for: room while answers are queued, requests else.
static void set_interest(spawner *self, int operation) {
    struct epoll_event event = {.events = self->first ? EPOLLOUT : EPOLLIN, .data.ptr = &self->socket};
    if (self->socket >= 0 && epoll_ctl(self->epoll, operation, self->socket, &event) != 0)
        leave_agent(self);
}

/// 1: sent; 0: no room now; -1: the agent is gone. EMSGSIZE and the like cannot be.
static int send_now(spawner *self, const clinux_spawn_event *event, int pidfd) {
    if (clinux_send(self->socket, event, sizeof *event, &pidfd, pidfd >= 0 ? 1 : 0) >= 0)
        return 1;
    // ETOOMANYREFS: too many descriptors are on their way to the agent; it has to read some first.
    return errno == EAGAIN || errno == EINTR || errno == ETOOMANYREFS || errno == ENOBUFS || errno == ENOMEM ? 0 : -1;
}

/// Sends or queues an answer; takes the pidfd.
static void reply(spawner *self, clinux_spawn_event event, int pidfd) {
    event.version = CLINUX_SPAWN_VERSION;
    int sent = self->socket < 0 ? 1 : self->first ? 0 : send_now(self, &event, pidfd);
    answer *queued = sent == 0 ? malloc(sizeof *queued) : NULL;
    if (!queued) {
        close_if_open(pidfd);
        if (sent != 1) // better that the agent sees the connection end than that it waits for this answer
            leave_agent(self);
        return;
    }
    bool first = !self->first;
    *queued = (answer){.event = event, .pidfd = pidfd};
    *self->last = queued;
    self->last = &queued->next;
    if (first)
        set_interest(self, EPOLL_CTL_MOD);
}

static void flush(spawner *self) {
    while (self->socket >= 0 && self->first) {
        answer *next = self->first;
        int sent = send_now(self, &next->event, next->pidfd);
        if (sent == 0)
            return;
        if (sent < 0) {
            leave_agent(self);
            return;
        }
        self->first = next->next;
        if (!self->first)
            self->last = &self->first;
        close_if_open(next->pidfd);
        free(next);
    }
    set_interest(self, EPOLL_CTL_MOD);
}

static void reply_failed(spawner *self, uint64_t id, uint32_t step, int error) {
    reply(self, (clinux_spawn_event){.kind = CLINUX_SPAWN_FAILED, .id = id, .step = step, .error = error}, -1);
}

// Starting.

static void free_start(spawner *self, start *gone) {
    for (start **link = &self->starts; *link; link = &(*link)->next) {
        if (*link == gone) {
            *link = gone->next;
            break;
        }
    }
    unwatch(self, &gone->status);
    close_if_open(gone->pidfd);
    free(gone);
}

/// clone3(2), as fork(2) but with a pidfd and into the program's cgroup; no C library wrapper exists.
static pid_t clone_process(const spawn_plan *plan, int *pidfd) {
    struct clone_args arguments = {
        .flags = CLONE_PIDFD, .pidfd = (uint64_t)(uintptr_t)pidfd, .exit_signal = SIGCHLD};
    if (plan->descriptors[CLINUX_SPAWN_CGROUP] >= 0) {
        arguments.flags |= CLONE_INTO_CGROUP;
        arguments.cgroup = (uint64_t)plan->descriptors[CLINUX_SPAWN_CGROUP];
    }
    return (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
}

/// Clones the process and watches its status pipe or socket; the failed step and errno otherwise.
static spawn_failure launch(spawner *self, const spawn_plan *plan, start *new) {
    int pipe[2];
    if ((new->makes ? socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pipe)
                    : pipe2(pipe, O_CLOEXEC | O_NONBLOCK)) != 0)
        return (spawn_failure){CLINUX_SPAWN_STEP_PIPE, errno};
    new->status = pipe[0];
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = new};
    if (epoll_ctl(self->epoll, EPOLL_CTL_ADD, new->status, &event) != 0) {
        int error = errno;
        close(pipe[1]);
        return (spawn_failure){CLINUX_SPAWN_STEP_PIPE, error};
    }
    new->pid = clone_process(plan, &new->pidfd);
    int error = errno;
    if (new->pid == 0) {
        close_if_open(self->socket); // should this process be held up, the agent still sees the spawner's end
        if (new->makes)
            spawn_delegate(plan, pipe[1]);
        spawn_child(plan, pipe[1]);
    }
    close(pipe[1]);
    if (new->pid < 0)
        return (spawn_failure){CLINUX_SPAWN_STEP_CLONE, error};
    return (spawn_failure){CLINUX_SPAWN_STEP_NONE, 0};
}

static void handle_start(spawner *self, const clinux_spawn_datagram *datagram, spawn_plan *plan) {
    spawn_failure failure = {CLINUX_SPAWN_STEP_REQUEST, spawn_plan_read(datagram, plan)};
    start *new = NULL;
    if (failure.error == 0) {
        new = malloc(sizeof *new);
        failure.error = new ? 0 : ENOMEM;
    }
    if (new) {
        bool makes = datagram->kind == CLINUX_SPAWN_DELEGATE;
        *new = (start){.next = self->starts, .id = datagram->id, .pidfd = -1, .status = -1, .makes = makes};
        self->starts = new;
        failure = launch(self, plan, new);
        if (failure.error != 0)
            free_start(self, new);
    }
    if (failure.error != 0)
        reply_failed(self, datagram->id, failure.step, failure.error);
}

/// Reports what became of a namespace, once that is known. The process may have been killed: it says nothing then.
static void settle_namespace(spawner *self, start *pending) {
    spawn_failure outcome = {0};
    clinux_received received;
    ssize_t count = clinux_receive(pending->status, &outcome, sizeof outcome, 0, &received);
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (count != sizeof outcome)
        outcome = (spawn_failure){CLINUX_SPAWN_STEP_NETNS, ECHILD};
    else if (outcome.error == 0 && received.descriptorCount != 1) // no descriptor is free here
        outcome = (spawn_failure){CLINUX_SPAWN_STEP_OPEN, EMFILE};
    if (outcome.error == 0)
        reply(self, (clinux_spawn_event){.kind = CLINUX_SPAWN_MADE, .id = pending->id}, received.descriptors[0]);
    else
        reply_failed(self, pending->id, outcome.step, outcome.error);
    pending->settled = true;
    unwatch(self, &pending->status);
}

/// Reads how far a start has come: still on its way, failed, or a running program.
static void settle(spawner *self, start *pending) {
    spawn_failure failure;
    if (pending->status < 0)
        return;
    if (pending->makes) {
        settle_namespace(self, pending);
        return;
    }
    ssize_t count = read(pending->status, &failure, sizeof failure);
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (count == sizeof failure) {
        reply_failed(self, pending->id, failure.step, failure.error);
        pending->settled = true; // kept until waitpid(2) gives its end
        unwatch(self, &pending->status);
        return;
    }
    clinux_spawn_event event = {.kind = CLINUX_SPAWN_STARTED, .id = pending->id, .pid = pending->pid};
    int pidfd = pending->pidfd;
    pending->pidfd = -1;
    pending->runs = true;
    unwatch(self, &pending->status);
    reply(self, event, pidfd);
}

static void cancel(spawner *self, uint64_t id) {
    for (start *pending = self->starts; pending; pending = pending->next)
        if (pending->id == id && !pending->settled && !pending->runs)
            clinux_pidfd_send_signal(pending->pidfd, SIGKILL);
}

static void keep(spawner *self, uint64_t id) {
    start *pending = self->starts;
    while (pending && !(pending->id == id && pending->runs))
        pending = pending->next;
    if (pending)
        free_start(self, pending);
}

// Requests.

/// Gives each descriptor its role; false where their number is not what the datagram says.
static bool take_descriptors(const clinux_spawn_datagram *datagram, const clinux_received *received, spawn_plan *plan) {
    size_t next = 0;
    bool complete = !received->truncated && datagram->descriptors >> CLINUX_SPAWN_DESCRIPTORS == 0;
    for (size_t role = 0; role < CLINUX_SPAWN_DESCRIPTORS; role++) {
        plan->descriptors[role] = -1;
        if (!(datagram->descriptors >> role & 1))
            continue;
        if (next < received->descriptorCount)
            plan->descriptors[role] = received->descriptors[next++];
        else
            complete = false;
    }
    complete = complete && next == received->descriptorCount;
    while (next < received->descriptorCount)
        close(received->descriptors[next++]);
    return complete;
}

static void handle_datagram(spawner *self, const clinux_spawn_datagram *datagram, const clinux_received *received) {
    spawn_plan plan = {0};
    bool complete = take_descriptors(datagram, received, &plan);
    if (datagram->version != CLINUX_SPAWN_VERSION || datagram->reserved != 0)
        reply_failed(self, datagram->id, CLINUX_SPAWN_STEP_REQUEST, EPROTO);
    else if (datagram->kind == CLINUX_SPAWN_CANCEL)
        cancel(self, datagram->id);
    else if (datagram->kind == CLINUX_SPAWN_KEEP)
        keep(self, datagram->id);
    else if (datagram->kind != CLINUX_SPAWN_START && datagram->kind != CLINUX_SPAWN_DELEGATE)
        reply_failed(self, datagram->id, CLINUX_SPAWN_STEP_REQUEST, EPROTO);
    else if (!complete) // the kernel drops descriptors that this process has no room for: MSG_CTRUNC
        reply_failed(self, datagram->id, CLINUX_SPAWN_STEP_REQUEST, received->truncated ? EMFILE : EPROTO);
    else
        handle_start(self, datagram, &plan);
    spawn_plan_free(&plan);
}

/// Takes requests while answers find room; some at a time, so that ends are reported meanwhile.
static void receive_requests(spawner *self) {
    for (int turn = 0; turn < 32 && self->socket >= 0 && !self->first; turn++) {
        clinux_spawn_datagram datagram;
        clinux_received received;
        ssize_t count = clinux_receive(self->socket, &datagram, sizeof datagram, 0, &received);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0 && errno == EAGAIN)
            return;
        if (count == sizeof datagram && !received.payloadTruncated) {
            handle_datagram(self, &datagram, &received);
            continue;
        }
        for (size_t index = 0; count >= 0 && index < received.descriptorCount; index++)
            close(received.descriptors[index]);
        if (count > 0)
            fprintf(stderr, "netnsd-spawn: a request of %zd bytes, not of this version: leaving the agent\n", count);
        leave_agent(self);
    }
}

/// The agent has ended: of what it asked last, what it wanted kept counts. What it wanted started nobody would own.
static void receive_last_words(spawner *self) {
    clinux_spawn_datagram datagram;
    clinux_received received;
    for (ssize_t count = 1; count > 0 || (count < 0 && errno == EINTR);) {
        count = clinux_receive(self->socket, &datagram, sizeof datagram, 0, &received);
        for (size_t index = 0; count > 0 && index < received.descriptorCount; index++)
            close(received.descriptors[index]);
        if (count == sizeof datagram && datagram.kind == CLINUX_SPAWN_KEEP)
            keep(self, datagram.id);
    }
    leave_agent(self);
}

// Ends.

/// Takes what has ended; false when no child is left.
static bool reap(spawner *self) {
    struct signalfd_siginfo information[8];
    while (read(self->signals, information, sizeof information) > 0)
        ;
    for (;;) {
        int status;
        pid_t pid = waitpid(-1, &status, WNOHANG);
        if (pid < 0 && errno == EINTR)
            continue;
        if (pid <= 0)
            return pid == 0;
        start *pending = self->starts;
        while (pending && pending->pid != pid)
            pending = pending->next;
        if (pending) {
            settle(self, pending); // started before it ends, or failed; its pipe is closed in any case
            for (pending = self->starts; pending && pending->pid != pid;)
                pending = pending->next;
            if (pending) {
                bool ran = pending->runs;
                free_start(self, pending);
                if (!ran)
                    continue;
            }
        }
        reply(self, (clinux_spawn_event){.kind = CLINUX_SPAWN_ENDED, .pid = pid, .status = status}, -1);
    }
}

// The process.

/// Cuts the ties to whoever started it: descriptors, session, directory, signal dispositions.
static int prepare(spawner *self) {
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0)
        return -1;
    if (fcntl(2, F_GETFD) < 0 && dup2(null, 2) < 0) // standard error is where the log goes
        return -1;
    close_range(4, ~0u, 0);
    setsid(); // EPERM: it leads a session already
    if (chdir("/") != 0 || prctl(PR_SET_DUMPABLE, 0) != 0)
        return -1;
    umask(077);
    for (int number = 1; number < NSIG; number++)
        signal(number, number == SIGPIPE ? SIG_IGN : SIG_DFL);
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGCHLD);
    if (sigprocmask(SIG_SETMASK, &ends, NULL) != 0)
        return -1;
    if (fcntl(self->socket, F_SETFL, O_NONBLOCK) != 0 || fcntl(self->socket, F_SETFD, FD_CLOEXEC) != 0)
        return -1;
    self->signals = signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
    self->epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &self->signals};
    if (self->signals < 0 || self->epoll < 0 || epoll_ctl(self->epoll, EPOLL_CTL_ADD, self->signals, &event) != 0)
        return -1;
    set_interest(self, EPOLL_CTL_ADD);
    return self->socket < 0 ? -1 : 0;
}

static void handle_event(spawner *self, const struct epoll_event *event) {
    if (event->data.ptr == &self->signals)
        return; // after all others
    if (event->data.ptr != &self->socket)
        settle(self, event->data.ptr);
    else if (event->events & (EPOLLHUP | EPOLLERR))
        receive_last_words(self);
    else if (self->first)
        flush(self);
    else
        receive_requests(self);
}

int clinux_spawn_serve(int socket) {
    spawner self = {.socket = socket};
    self.last = &self.first;
    if (prepare(&self) != 0) {
        fprintf(stderr, "netnsd-spawn: %s (netnsd starts this program, with a socket as descriptor %d)\n",
                strerror(errno), socket);
        return 125;
    }
    bool children = false;
    while (self.socket >= 0 || children) {
        struct epoll_event events[64];
        int count = epoll_wait(self.epoll, events, sizeof events / sizeof *events, -1);
        if (count < 0 && errno != EINTR) {
            fprintf(stderr, "netnsd-spawn: epoll_wait: %s\n", strerror(errno));
            return 125;
        }
        for (int index = 0; index < count; index++)
            handle_event(&self, &events[index]);
        children = reap(&self);
    }
    return 0;
}
