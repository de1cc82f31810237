// netnsd-spawn: the new process, from clone3(2) to execve(2).
//
// Theory of operation. The process starts as root with the spawner's credentials and ends as the person's program with
// none. Any step that fails is written into the status pipe and the process exits: nothing is ever executed with less
// than the whole list done. The order is forced by what each step needs and takes away:
//
//  1. its own session; the three descriptors in place, early because a limit on open files may forbid it later; the
//     terminal.
//  2. the person's supplementary groups; the person's mount namespace, where the spawner is in another one (a service
//     manager may have given the agent its own); then the working directory, entered with the person's file access
//     (setfsuid) so that a home directory root may not enter works and one that the person may not enter does not.
//     Before the mount namespace is copied, because the kernel takes a process's working directory along into the
//     copy, but no descriptor.
//  3. the network namespace, then the mount namespace (everything slave: the host's mounts still arrive, ours never
//     leave), then /sys, which shows the network namespace that the mounting process is in, then binds, and
//     nosuid on all of it.
//  4. what is written through /proc or needs root's capabilities: loginuid, out-of-memory score, scheduler, nice,
//     keyring. The keyring is root's by its owner, so it is not charged to the person's key quota.
//  5. every descriptor but 0–2 and the status pipe is closed. From here on no file is opened but the program.
//  6. limits, which may fall below what the steps before needed.
//  7. the bounding and ambient capability sets (needs CAP_SETPCAP), gid, uid, the remaining sets, no_new_privs. Then
//     all of it is read back; what the kernel says counts.
//  8. where job control is asked for, a child for the program; this process stays as its keeper (spawn_keeper.c).
//  9. signal dispositions, mask, umask; the program.
//
// The process runs C only, allocates nothing, and keeps away from the C library's setuid family, which tries to reach
// other threads. The spawner is not dumpable and neither is this copy of it: the person cannot look into it.
#define _GNU_SOURCE
#include "spawn_plan.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef struct {
    const spawn_plan *plan;
    const clinux_spawn_body *body;
    int status; // the pipe
} child;

_Noreturn static void fail(const child *self, uint32_t step, int error) {
    spawn_failure failure = {.step = step, .error = error};
    (void)!write(self->status, &failure, sizeof failure); // a spawner that is gone has nobody to tell
    _exit(125);
}

/// Ends the process where `result` says that the step failed.
static void check(const child *self, uint32_t step, long result) {
    if (result < 0)
        fail(self, step, errno);
#ifdef NETNSD_FAULTS
    if (self->body->fault == step)
        fail(self, step, EPERM);
#endif
}

static void open_session(const child *self) {
    check(self, CLINUX_SPAWN_STEP_SETSID, setsid());
    prctl(PR_SET_PDEATHSIG, 0); // the program outlives the spawner
    for (int target = 0; target < 3; target++) {
        int source = self->plan->descriptors[CLINUX_SPAWN_STDIN + target]; // ≥ 3: the spawner keeps 0–2 occupied
        if (source < 0)
            close(target);
        else
            check(self, CLINUX_SPAWN_STEP_DUP2, dup2(source, target));
    }
    if (self->body->flags & CLINUX_SPAWN_TERMINAL)
        check(self, CLINUX_SPAWN_STEP_TERMINAL, ioctl(0, TIOCSCTTY, 0));
}

/// Gives the process's file access to `uid` and `gid`, or back to root. setfsuid(2) reports no failure; asked with an
/// invalid id it says what holds.
static void act_on_files_as(const child *self, uid_t uid, gid_t gid) {
    syscall(SYS_setfsgid, gid);
    syscall(SYS_setfsuid, uid);
    if ((uid_t)syscall(SYS_setfsuid, -1) != uid || (gid_t)syscall(SYS_setfsgid, -1) != gid)
        fail(self, CLINUX_SPAWN_STEP_DIRECTORY, EPERM);
}

/// Whether the working directory lies outside what the process can reach from `/`. getcwd(2) writes its path all the
/// same, marked; a removed directory (ENOENT) is nowhere else.
static bool is_unreachable(char path[PATH_MAX]) {
    return syscall(SYS_getcwd, path, PATH_MAX) > 0 && path[0] != '/';
}

static void enter_directory(const child *self, char path[PATH_MAX]) {
    act_on_files_as(self, self->body->uid, self->body->gid);
    check(self, CLINUX_SPAWN_STEP_DIRECTORY, fchdir(self->plan->descriptors[CLINUX_SPAWN_DIRECTORY]));
    act_on_files_as(self, 0, 0);
    path[0] = 0;
    if (is_unreachable(path)) // another mount namespace's, or outside a chroot: it would lead out
        fail(self, CLINUX_SPAWN_STEP_DIRECTORY, EXDEV);
}

/// A working directory inside the old /sys is the same path in the new one.
static void enter_directory_anew(const child *self, const char *path) {
    char now[PATH_MAX];
    if (path[0] != '/' || !is_unreachable(now))
        return;
    act_on_files_as(self, self->body->uid, self->body->gid);
    check(self, CLINUX_SPAWN_STEP_DIRECTORY, chdir(path));
    act_on_files_as(self, 0, 0);
}

static void enter_namespaces(const child *self) {
    char directory[PATH_MAX];
    check(self, CLINUX_SPAWN_STEP_SETGROUPS, syscall(SYS_setgroups, self->body->groups.count, self->plan->groups));
    int mounts = self->plan->descriptors[CLINUX_SPAWN_MOUNTS];
    if (mounts >= 0)
        check(self, CLINUX_SPAWN_STEP_MOUNTS, setns(mounts, CLONE_NEWNS));
    enter_directory(self, directory);
    check(self, CLINUX_SPAWN_STEP_SETNS, setns(self->plan->descriptors[CLINUX_SPAWN_NETNS], CLONE_NEWNET));
    check(self, CLINUX_SPAWN_STEP_UNSHARE, unshare(CLONE_NEWNS));
    check(self, CLINUX_SPAWN_STEP_UNSHARE, mount("", "/", "none", MS_SLAVE | MS_REC, NULL));
    if (self->body->flags & CLINUX_SPAWN_SYSFS)
        check(self, CLINUX_SPAWN_STEP_SYSFS, spawn_mount_sysfs());
    for (char **bind = self->plan->binds; *bind; bind += 2)
        check(self, CLINUX_SPAWN_STEP_BIND, spawn_bind(bind[0], bind[1]));
    check(self, CLINUX_SPAWN_STEP_NOSUID, spawn_mounts_nosuid());
    enter_directory_anew(self, directory);
}

static int write_number(const char *path, long long number) {
    char text[24];
    int length = snprintf(text, sizeof text, "%lld", number);
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0)
        return -1;
    ssize_t written = write(file, text, (size_t)length);
    int error = errno;
    close(file);
    errno = error;
    return written == length ? 0 : -1;
}

static void set_attributes(const child *self) {
    const clinux_spawn_body *body = self->body;
    if (body->flags & CLINUX_SPAWN_LOGINUID)
        (void)write_number("/proc/self/loginuid", body->loginuid); // a kernel without audit has none
    if (body->flags & CLINUX_SPAWN_OOM)
        check(self, CLINUX_SPAWN_STEP_OOM, write_number("/proc/self/oom_score_adj", body->oomScoreAdjustment));
    if (body->flags & CLINUX_SPAWN_SCHEDULER) {
        struct sched_param parameters = {.sched_priority = body->priority};
        check(self, CLINUX_SPAWN_STEP_SCHEDULER, sched_setscheduler(0, body->policy, &parameters));
    }
    if (body->flags & CLINUX_SPAWN_NICE)
        check(self, CLINUX_SPAWN_STEP_NICE, setpriority(PRIO_PROCESS, 0, body->nice));
    long keyring = syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
    check(self, CLINUX_SPAWN_STEP_KEYRING, keyring < 0 && errno == ENOSYS ? 0 : keyring); // a kernel without keys
}

/// Closes the descriptors from `first` up to `end`, that one not among them.
static void close_between(const child *self, unsigned first, unsigned end) {
    if (first < end)
        check(self, CLINUX_SPAWN_STEP_CLOSE, close_range(first, end - 1, 0));
}

static void close_all_but_pipes(const child *self) {
    unsigned lower = (unsigned)self->status; // ≥ 3
    unsigned upper = lower;
    int statuses = self->plan->descriptors[CLINUX_SPAWN_STATUSES];
    if (statuses >= 0 && (unsigned)statuses < lower)
        lower = (unsigned)statuses;
    else if (statuses >= 0)
        upper = (unsigned)statuses;
    close_between(self, 3, lower);
    close_between(self, lower + 1, upper);
    check(self, CLINUX_SPAWN_STEP_CLOSE, close_range(upper + 1, ~0u, 0));
}

static void set_limits(const child *self) {
    for (uint32_t index = 0; index < self->body->limits.count; index++) {
        const clinux_spawn_limit *limit = &self->plan->limits[index];
        struct rlimit64 value = {.rlim_cur = limit->soft, .rlim_max = limit->hard};
        check(self, CLINUX_SPAWN_STEP_SETRLIMIT, prlimit64(0, (int)limit->resource, &value, NULL));
    }
}

static void drop_privileges(const child *self) {
    uid_t uid = self->body->uid;
    gid_t gid = self->body->gid;
    check(self, CLINUX_SPAWN_STEP_BOUNDING, prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
    // capabilities(7): reading past the last one the kernel knows is EINVAL.
    for (long capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++)
        check(self, CLINUX_SPAWN_STEP_BOUNDING, prctl(PR_CAPBSET_DROP, capability, 0, 0, 0));
    check(self, CLINUX_SPAWN_STEP_SETRESGID, syscall(SYS_setresgid, gid, gid, gid));
    check(self, CLINUX_SPAWN_STEP_SETRESUID, syscall(SYS_setresuid, uid, uid, uid));
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {0};
    check(self, CLINUX_SPAWN_STEP_CAPSET, syscall(SYS_capset, &header, none));
    check(self, CLINUX_SPAWN_STEP_NO_NEW_PRIVS, prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
}

/// The person's own keys, as pam_keyinit(8) does at login; where it is not to be, the session keyring stays empty.
static void link_user_keyring(void) {
    syscall(SYS_keyctl, KEYCTL_LINK, KEY_SPEC_USER_KEYRING, KEY_SPEC_SESSION_KEYRING);
}

/// Reads back what drop_privileges did.
static void verify(const child *self) {
    uid_t uid[3];
    gid_t gid[3];
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct left[_LINUX_CAPABILITY_U32S_3];
    memset(left, 0xff, sizeof left);
    errno = EPERM;
    bool dropped = getresuid(&uid[0], &uid[1], &uid[2]) == 0 && getresgid(&gid[0], &gid[1], &gid[2]) == 0 &&
                   getgroups(0, NULL) == (int)self->body->groups.count && syscall(SYS_capget, &header, left) == 0 &&
                   prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
    for (int index = 0; dropped && index < 3; index++)
        dropped = uid[index] == self->body->uid && gid[index] == self->body->gid;
    for (int index = 0; dropped && index < _LINUX_CAPABILITY_U32S_3; index++)
        dropped = (left[index].effective | left[index].permitted | left[index].inheritable) == 0;
    for (long capability = 0; dropped; capability++) {
        int present = prctl(PR_CAPBSET_READ, capability, 0, 0, 0);
        if (present < 0)
            break;
        dropped = present == 0;
    }
    errno = EPERM;
    check(self, CLINUX_SPAWN_STEP_VERIFY, dropped ? 0 : -1);
}

/// rt_sigaction(2) itself: the C library's refuses the two signals it keeps for its threads (32, 33), but whoever
/// started the agent may have left them ignored. The handler comes first in the kernel's structure; the rest is zero.
static long set_disposition(int number, bool ignored) {
    unsigned long action[8] = {ignored ? 1 : 0}; // SIG_IGN, SIG_DFL
    return syscall(SYS_rt_sigaction, number, action, NULL, sizeof(uint64_t));
}

static void set_signals(const child *self) {
    for (int number = 1; number < NSIG; number++)
        if (number != SIGKILL && number != SIGSTOP)
            check(self, CLINUX_SPAWN_STEP_SIGNALS,
                  set_disposition(number, self->body->ignoredSignals >> (number - 1) & 1));
    sigset_t none;
    sigemptyset(&none);
    check(self, CLINUX_SPAWN_STEP_SIGNALS, sigprocmask(SIG_SETMASK, &none, NULL));
}

/// Leaves this process as a keeper and goes on as its child, in a process group of its own in the foreground. A keeper
/// that is killed takes the program along.
static void leave_keeper(const child *self) {
    int statuses = self->plan->descriptors[CLINUX_SPAWN_STATUSES];
    if (statuses < 0)
        return;
    pid_t keeper = getpid();
    pid_t program = _Fork();
    check(self, CLINUX_SPAWN_STEP_CLONE, program);
    if (program > 0) {
        close(self->status);
        spawn_keep(program, statuses);
    }
    close(statuses);
    check(self, CLINUX_SPAWN_STEP_CLONE, prctl(PR_SET_PDEATHSIG, SIGKILL));
    if (getppid() != keeper)
        _exit(125);
    // A group in the background may set the foreground one where it blocks SIGTTOU (tcsetpgrp(3)).
    sigset_t background;
    sigemptyset(&background);
    sigaddset(&background, SIGTTOU);
    sigprocmask(SIG_BLOCK, &background, NULL);
    check(self, CLINUX_SPAWN_STEP_TERMINAL, setpgid(0, 0));
    check(self, CLINUX_SPAWN_STEP_TERMINAL, tcsetpgrp(0, getpid()));
}

_Noreturn void spawn_child(const spawn_plan *plan, int status) {
    child self = {.plan = plan, .body = plan->body, .status = status};
    open_session(&self);
    enter_namespaces(&self);
    set_attributes(&self);
    close_all_but_pipes(&self);
    set_limits(&self);
    drop_privileges(&self);
    verify(&self);
    link_user_keyring();
    leave_keeper(&self);
    set_signals(&self);
    umask(self.body->umask);
    check(&self, CLINUX_SPAWN_STEP_EXECVE, 0); // a fault may be injected here as well
    fail(&self, CLINUX_SPAWN_STEP_EXECVE, spawn_execute(plan));
}
