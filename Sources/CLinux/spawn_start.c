// The agent's side of netnsd-spawn: starting it; and the names of its steps, which both sides print.
#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static int spawn_with_socket(const char *path, int socket, pid_t *pid) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int error = posix_spawn_file_actions_init(&actions);
    if (error != 0)
        return error;
    if ((error = posix_spawnattr_init(&attributes)) == 0) {
        char *arguments[] = {"netnsd-spawn", NULL}, *environment[] = {NULL};
        // POSIX has dup2 clear close-on-exec here even where the number stays.
        if ((error = posix_spawn_file_actions_adddup2(&actions, socket, 3)) == 0 &&
            (error = posix_spawn_file_actions_addclosefrom_np(&actions, 4)) == 0 &&
            (error = posix_spawnattr_setsigmask(&attributes, &none)) == 0 &&
            (error = posix_spawnattr_setsigdefault(&attributes, &all)) == 0 &&
            // Its own session: Ctrl-C at an agent in the foreground is not for people's programs.
            (error = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK |
                                                               POSIX_SPAWN_SETSIGDEF)) == 0)
            error = posix_spawn(pid, path, &actions, &attributes, arguments, environment);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

int clinux_spawn_start(const char *path, pid_t *pid) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return -1;
    int error = spawn_with_socket(path, ends[1], pid);
    close(ends[1]);
    if (error == 0 && fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0)
        error = errno;
    if (error == 0)
        return ends[0];
    close(ends[0]);
    errno = error;
    return -1;
}

int clinux_prlimit(pid_t pid, uint32_t resource, const uint64_t *new_values, uint64_t *old_values) {
    struct rlimit64 set = {0}, got = {0};
    if (new_values)
        set = (struct rlimit64){.rlim_cur = new_values[0], .rlim_max = new_values[1]};
    int result = prlimit64(pid, (int)resource, new_values ? &set : NULL, old_values ? &got : NULL);
    if (result == 0 && old_values) {
        old_values[0] = got.rlim_cur;
        old_values[1] = got.rlim_max;
    }
    return result;
}

const char *clinux_spawn_step_name(uint32_t step) {
    static const char *const names[CLINUX_SPAWN_STEPS] = {
        [CLINUX_SPAWN_STEP_NONE] = "none",
        [CLINUX_SPAWN_STEP_REQUEST] = "request",
        [CLINUX_SPAWN_STEP_PIPE] = "pipe",
        [CLINUX_SPAWN_STEP_CLONE] = "clone",
        [CLINUX_SPAWN_STEP_SETSID] = "setsid",
        [CLINUX_SPAWN_STEP_DUP2] = "dup2",
        [CLINUX_SPAWN_STEP_TERMINAL] = "controlling terminal",
        [CLINUX_SPAWN_STEP_SETGROUPS] = "setgroups",
        [CLINUX_SPAWN_STEP_MOUNTS] = "mount namespace",
        [CLINUX_SPAWN_STEP_DIRECTORY] = "working directory",
        [CLINUX_SPAWN_STEP_SETNS] = "setns",
        [CLINUX_SPAWN_STEP_UNSHARE] = "unshare",
        [CLINUX_SPAWN_STEP_SYSFS] = "mount /sys",
        [CLINUX_SPAWN_STEP_BIND] = "bind mount",
        [CLINUX_SPAWN_STEP_NOSUID] = "mount_setattr",
        [CLINUX_SPAWN_STEP_OOM] = "oom_score_adj",
        [CLINUX_SPAWN_STEP_SCHEDULER] = "sched_setscheduler",
        [CLINUX_SPAWN_STEP_NICE] = "setpriority",
        [CLINUX_SPAWN_STEP_KEYRING] = "session keyring",
        [CLINUX_SPAWN_STEP_CLOSE] = "close_range",
        [CLINUX_SPAWN_STEP_SETRLIMIT] = "setrlimit",
        [CLINUX_SPAWN_STEP_BOUNDING] = "capability bounding set",
        [CLINUX_SPAWN_STEP_SETRESGID] = "setresgid",
        [CLINUX_SPAWN_STEP_SETRESUID] = "setresuid",
        [CLINUX_SPAWN_STEP_CAPSET] = "capset",
        [CLINUX_SPAWN_STEP_NO_NEW_PRIVS] = "no_new_privs",
        [CLINUX_SPAWN_STEP_VERIFY] = "check of dropped privileges",
        [CLINUX_SPAWN_STEP_SIGNALS] = "signal dispositions",
        [CLINUX_SPAWN_STEP_EXECVE] = "execve",
        [CLINUX_SPAWN_STEP_USERNS] = "user namespace",
        [CLINUX_SPAWN_STEP_NETNS] = "network namespace",
        [CLINUX_SPAWN_STEP_MAPS] = "uid_map and gid_map",
        [CLINUX_SPAWN_STEP_OPEN] = "open of the namespace",
    };
    return step < CLINUX_SPAWN_STEPS ? names[step] : NULL;
}
