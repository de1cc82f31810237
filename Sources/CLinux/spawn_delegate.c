// netnsd-spawn: a network namespace that belongs to a user namespace of one person's.
//
// Theory of operation. Two processes, because who has entered a user namespace has no power outside it, and the id maps
// are to be written from outside:
//
//   the maker     takes on the person's uid and gid, keeps CAP_SYS_ADMIN, makes the two namespaces and waits;
//   this process  stays root, writes the maps, opens the network namespace and sends it to the spawner.
//
// The kernel takes the owner of a user namespace from the effective uid of who makes it (user_namespaces(7)): the owner
// may enter from outside, and so needs nobody's help later. CAP_SYS_ADMIN is what it takes where users may make none
// (kernel.unprivileged_userns_clone, AppArmor's restriction): the capability stays permitted because the saved uid
// stays 0, and is made effective again.
//
// The maps hold the person's uid and gids and nothing else, each as itself: uid 0 is not there, so a setuid program of
// root's is none inside (execve(2)), and no file of another's changes hands. The kernel takes the limits that the maker
// has over to the user namespace (RLIMIT_NPROC and three more, which it counts there from zero), so the maker has
// the person's: a namespace is no way around them. For NPROC it does so only where the real uid is not 0.
//
// Nothing is left where either process is killed: a namespace lives by what refers to it.
#define _GNU_SOURCE
#include "spawn_plan.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct {
    const spawn_plan *plan;
    const clinux_spawn_body *body;
    int report;  // where this process says how it went
    pid_t other; // in the process that stays root: the maker; else 0
} maker;

/// How long the maker may take, in seconds: its owner can stop it.
enum { PATIENCE = 30 };

_Noreturn static void fail(const maker *self, uint32_t step, int error) {
    spawn_failure failure = {.step = step, .error = error};
    if (self->other > 0)
        kill(self->other, SIGKILL);
    (void)!send(self->report, &failure, sizeof failure, MSG_NOSIGNAL); // who is gone need not be told
    _exit(125);
}

/// Ends the process where `result` says that the step failed.
static void check(const maker *self, uint32_t step, long result) {
    if (result < 0)
        fail(self, step, errno);
#ifdef NETNSD_FAULTS
    if (self->body->fault == step)
        fail(self, step, EPERM);
#endif
}

// The maker.

/// Takes on the request's limits, as far as they are not above what this process may have.
static void take_limits(const maker *self) {
    for (uint32_t index = 0; index < self->body->limits.count; index++) {
        const clinux_spawn_limit *limit = &self->plan->limits[index];
        struct rlimit64 value;
        check(self, CLINUX_SPAWN_STEP_SETRLIMIT, prlimit64(0, (int)limit->resource, NULL, &value));
        if (limit->hard < value.rlim_max)
            value.rlim_max = limit->hard;
        value.rlim_cur = value.rlim_max;
        check(self, CLINUX_SPAWN_STEP_SETRLIMIT, prlimit64(0, (int)limit->resource, &value, NULL));
    }
}

static void become_owner(const maker *self) {
    const gid_t gid = self->body->gid, keep_gid = (gid_t)-1;
    const uid_t uid = self->body->uid, keep_uid = (uid_t)-1;
    check(self, CLINUX_SPAWN_STEP_SETRESGID, syscall(SYS_setresgid, gid, gid, keep_gid));
    check(self, CLINUX_SPAWN_STEP_SETRESUID, syscall(SYS_setresuid, uid, uid, keep_uid));
}

/// setresuid(2) has taken every capability out of the effective set.
static void raise_admin(const maker *self) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];
    check(self, CLINUX_SPAWN_STEP_CAPSET, syscall(SYS_capget, &header, sets));
    sets[CAP_TO_INDEX(CAP_SYS_ADMIN)].effective |= CAP_TO_MASK(CAP_SYS_ADMIN);
    check(self, CLINUX_SPAWN_STEP_CAPSET, syscall(SYS_capset, &header, sets));
}

_Noreturn static void make(const maker *self) {
    take_limits(self);
    become_owner(self);
    // A change of ids sets both anew. The owner could look into the process else (proc_sys_fs(5), suid_dumpable); and
    // it is not to be left behind.
    check(self, CLINUX_SPAWN_STEP_SETRESUID, prctl(PR_SET_DUMPABLE, 0));
    check(self, CLINUX_SPAWN_STEP_SETRESUID, prctl(PR_SET_PDEATHSIG, SIGKILL));
    int existing = self->plan->descriptors[CLINUX_SPAWN_USERNS];
    if (existing >= 0) { // as its owner may; another's is refused by the kernel
        check(self, CLINUX_SPAWN_STEP_USERNS, setns(existing, CLONE_NEWUSER));
    } else {
        raise_admin(self);
        check(self, CLINUX_SPAWN_STEP_USERNS, unshare(CLONE_NEWUSER));
    }
    check(self, CLINUX_SPAWN_STEP_NETNS, unshare(CLONE_NEWNET));
    spawn_failure none = {0};
    (void)!send(self->report, &none, sizeof none, MSG_NOSIGNAL);
    char end;
    (void)!recv(self->report, &end, sizeof end, 0); // until the other process is done, or gone
    _exit(0);
}

// This process.

static int write_file(pid_t pid, const char *name, const char *text, size_t length) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0)
        return -1;
    ssize_t written = write(file, text, length);
    int error = errno;
    close(file);
    errno = error;
    return written == (ssize_t)length ? 0 : -1;
}

static bool is_listed(const spawn_plan *plan, uint32_t count, gid_t gid) {
    if (gid == plan->body->gid)
        return true;
    for (uint32_t index = 0; index < count; index++)
        if (plan->groups[index] == gid)
            return true;
    return false;
}

/// user_namespaces(7): a map has 340 lines at the most and is written at once, less than a page. Groups that have no
/// room there count for the person's access to files all the same; inside they have no name.
static int write_gid_map(const spawn_plan *plan, pid_t pid) {
    char text[4096], line[48];
    size_t length = (size_t)snprintf(text, sizeof text, "%u %u 1\n", plan->body->gid, plan->body->gid);
    for (uint32_t index = 0, lines = 1; index < plan->body->groups.count && lines < 340; index++) {
        gid_t gid = plan->groups[index];
        if (is_listed(plan, index, gid))
            continue;
        size_t more = (size_t)snprintf(line, sizeof line, "%u %u 1\n", gid, gid);
        if (length + more >= sizeof text)
            break;
        memcpy(text + length, line, more);
        length += more;
        lines++;
    }
    return write_file(pid, "gid_map", text, length);
}

static int write_maps(const spawn_plan *plan, pid_t pid) {
    char text[48];
    int length = snprintf(text, sizeof text, "%u %u 1\n", plan->body->uid, plan->body->uid);
    // Before the groups' map, else it could be allowed no more than once: dropping a group can open a file whose mode
    // shuts that group out.
    if (write_file(pid, "setgroups", "deny", 4) != 0)
        return -1;
    return write_file(pid, "uid_map", text, (size_t)length) != 0 ? -1 : write_gid_map(plan, pid);
}

static void await(const maker *self, int maker_report) {
    spawn_failure outcome;
    ssize_t count;
    while ((count = recv(maker_report, &outcome, sizeof outcome, 0)) < 0 && errno == EINTR)
        ;
    if (count != sizeof outcome)
        fail(self, CLINUX_SPAWN_STEP_NETNS, count < 0 ? ETIMEDOUT : ECHILD);
    if (outcome.error != 0)
        fail(self, outcome.step, outcome.error);
}

_Noreturn void spawn_delegate(const spawn_plan *plan, int status) {
    maker self = {.plan = plan, .body = plan->body, .report = status};
    int pair[2];
    check(&self, CLINUX_SPAWN_STEP_PIPE, socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair));
    pid_t pid = fork();
    check(&self, CLINUX_SPAWN_STEP_CLONE, pid);
    self.other = pid;
    if (pid == 0) {
        close(pair[0]);
        close(status);
        self.report = pair[1];
        make(&self);
    }
    close(pair[1]);
    struct timeval patience = {.tv_sec = PATIENCE};
    check(&self, CLINUX_SPAWN_STEP_PIPE, setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience));
    await(&self, pair[0]);
    if (plan->descriptors[CLINUX_SPAWN_USERNS] < 0)
        check(&self, CLINUX_SPAWN_STEP_MAPS, write_maps(plan, pid));
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/ns/net", pid);
    int namespace = open(path, O_RDONLY | O_CLOEXEC);
    check(&self, CLINUX_SPAWN_STEP_OPEN, namespace);
    // The maker goes before the namespace is handed out: nobody is to find a process in it. By SIGKILL, because its
    // owner may have stopped it.
    kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
    spawn_failure none = {0};
    check(&self, CLINUX_SPAWN_STEP_OPEN, clinux_send(status, &none, sizeof none, &namespace, 1));
    _exit(0);
}
