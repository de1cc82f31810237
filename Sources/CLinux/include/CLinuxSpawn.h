// The interface between the agent and netnsd-spawn, which starts people's programs: what a request and an answer look
// like in memory, and the functions either side calls. Both are built from this file, so there is one version of it.
//
// They talk over a SOCK_SEQPACKET socket pair. A request is one `clinux_spawn_datagram` with descriptors
// (SCM_RIGHTS); of a start request the first descriptor is a sealed memfd that holds a `clinux_spawn_body` and what
// its regions refer to, because an environment can be larger than a datagram. An answer is one `clinux_spawn_event`;
// CLINUX_SPAWN_STARTED brings a pidfd with it.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CLINUX_SPAWN_VERSION 1u

/// The largest body: execve(2) takes 6 MiB of arguments and environment at the very most.
#define CLINUX_SPAWN_MAX_BODY (8u << 20)
/// NGROUPS_MAX of linux/limits.h.
#define CLINUX_SPAWN_MAX_GROUPS 65536u
/// RLIM_NLIMITS of asm-generic/resource.h.
#define CLINUX_SPAWN_LIMITS 16u

enum {
    CLINUX_SPAWN_START = 1,  // start a program
    CLINUX_SPAWN_CANCEL = 2, // kill the start with this id if its program does not run yet
    CLINUX_SPAWN_DELEGATE = 3, // make a network namespace in a user namespace of the body's uid; starts nothing
    CLINUX_SPAWN_KEEP = 4, // the program of the start with this id is to outlive the agent
};

/// The descriptors of a request, in this order; those not in the datagram's `descriptors` are left out.
enum {
    CLINUX_SPAWN_BODY = 0,
    CLINUX_SPAWN_NETNS = 1,
    CLINUX_SPAWN_DIRECTORY = 2, // the working directory
    CLINUX_SPAWN_STDIN = 3,     // left out: closed in the program
    CLINUX_SPAWN_STDOUT = 4,
    CLINUX_SPAWN_STDERR = 5,
    CLINUX_SPAWN_CGROUP = 6, // a cgroup v2 directory; left out: the spawner's cgroup
    CLINUX_SPAWN_MOUNTS = 7, // the mount namespace that the program's is a copy of; left out: the spawner's
    CLINUX_SPAWN_USERNS = 8,   // of a delegate request: the user namespace; left out: a new one
    CLINUX_SPAWN_STATUSES = 9, // a pipe's writing end: a keeper stays with the program (spawn_keeper.c)
    CLINUX_SPAWN_DESCRIPTORS = 10,
};

typedef struct {
    uint32_t version;
    uint32_t kind;
    uint64_t id;
    uint32_t descriptors; // a bit for each of those that follow: 1 << CLINUX_SPAWN_NETNS and so on
    uint32_t reserved;    // 0
} clinux_spawn_datagram;

/// A part of the body: `length` bytes at `offset` from its start, `offset` a multiple of 8, with `count` entries.
typedef struct {
    uint32_t offset;
    uint32_t length;
    uint32_t count;
} clinux_spawn_region;

/// One of setrlimit(2)'s limits.
typedef struct {
    uint32_t resource;
    uint32_t reserved; // 0
    uint64_t soft;
    uint64_t hard;
} clinux_spawn_limit;

enum {
    CLINUX_SPAWN_SYSFS = 1u << 0,     // /sys shows the network namespace's devices
    CLINUX_SPAWN_TERMINAL = 1u << 1,  // stdin becomes the controlling terminal (TIOCSCTTY)
    CLINUX_SPAWN_NICE = 1u << 2,      // `nice` is set
    CLINUX_SPAWN_SCHEDULER = 1u << 3, // `policy` and `priority` are set
    CLINUX_SPAWN_OOM = 1u << 4,       // `oomScoreAdjustment` is set
    CLINUX_SPAWN_LOGINUID = 1u << 5,  // `loginuid` is set
    CLINUX_SPAWN_FLAGS = (1u << 6) - 1,
};

typedef struct {
    uint32_t version;
    uint32_t size; // sizeof(clinux_spawn_body)
    uint64_t id;   // as in the datagram
    uint32_t flags;
    uint32_t uid;
    uint32_t gid;
    uint32_t umask;
    uint64_t ignoredSignals; // bit n-1: signal n is ignored; every other one has its default action
    int32_t nice;
    int32_t policy;
    int32_t priority;
    int32_t oomScoreAdjustment;
    uint32_t loginuid;
    uint32_t fault;                  // builds with NETNSD_FAULTS: the step that fails; else 0
    clinux_spawn_region groups;      // uint32_t: supplementary groups
    clinux_spawn_region limits;      // clinux_spawn_limit: those that differ from the spawner's
    clinux_spawn_region program;     // at most one string: the file, where it is not argument 0
    clinux_spawn_region arguments;   // strings, one at the least
    clinux_spawn_region environment; // strings
    clinux_spawn_region binds;       // pairs of absolute paths: source, target
    uint32_t reserved[2];            // 0
} clinux_spawn_body;

/// What is done for a program, in order; a failure names the step.
typedef enum {
    CLINUX_SPAWN_STEP_NONE = 0,
    // In the spawner.
    CLINUX_SPAWN_STEP_REQUEST,
    CLINUX_SPAWN_STEP_PIPE,
    CLINUX_SPAWN_STEP_CLONE,
    // In the new process; spawn_child.c says why in this order.
    CLINUX_SPAWN_STEP_SETSID,
    CLINUX_SPAWN_STEP_DUP2,
    CLINUX_SPAWN_STEP_TERMINAL,
    CLINUX_SPAWN_STEP_SETGROUPS,
    CLINUX_SPAWN_STEP_MOUNTS,
    CLINUX_SPAWN_STEP_DIRECTORY,
    CLINUX_SPAWN_STEP_SETNS,
    CLINUX_SPAWN_STEP_UNSHARE,
    CLINUX_SPAWN_STEP_SYSFS,
    CLINUX_SPAWN_STEP_BIND,
    CLINUX_SPAWN_STEP_NOSUID,
    CLINUX_SPAWN_STEP_OOM,
    CLINUX_SPAWN_STEP_SCHEDULER,
    CLINUX_SPAWN_STEP_NICE,
    CLINUX_SPAWN_STEP_KEYRING,
    CLINUX_SPAWN_STEP_CLOSE,
    CLINUX_SPAWN_STEP_SETRLIMIT,
    CLINUX_SPAWN_STEP_BOUNDING,
    CLINUX_SPAWN_STEP_SETRESGID,
    CLINUX_SPAWN_STEP_SETRESUID,
    CLINUX_SPAWN_STEP_CAPSET,
    CLINUX_SPAWN_STEP_NO_NEW_PRIVS,
    CLINUX_SPAWN_STEP_VERIFY,
    CLINUX_SPAWN_STEP_SIGNALS,
    CLINUX_SPAWN_STEP_EXECVE,
    // For a delegated namespace; spawn_delegate.c. SETRLIMIT, SETRESGID, SETRESUID and CAPSET are among its steps too.
    CLINUX_SPAWN_STEP_USERNS,
    CLINUX_SPAWN_STEP_NETNS,
    CLINUX_SPAWN_STEP_MAPS,
    CLINUX_SPAWN_STEP_OPEN,
    CLINUX_SPAWN_STEPS,
} clinux_spawn_step;

/// The step's name in the manual pages' words, for messages; NULL for a number that is none.
const char *clinux_spawn_step_name(uint32_t step);

enum {
    CLINUX_SPAWN_STARTED = 1, // the program runs (execve succeeded): `id`, `pid`, and a pidfd
    CLINUX_SPAWN_FAILED = 2,  // it never ran: `id`, `step`, `error`
    CLINUX_SPAWN_ENDED = 3,   // `pid`, `status` as waitpid(2) gives it
    CLINUX_SPAWN_MADE = 4,    // `id`, and a descriptor of the delegated network namespace
};

/// An answer. For a program STARTED always precedes ENDED; between the two its pid is not given out again.
typedef struct {
    uint32_t version;
    uint32_t kind;
    uint64_t id;
    int32_t pid;
    uint32_t step; // a clinux_spawn_step
    int32_t error; // an errno
    int32_t status;
} clinux_spawn_event;

/// Serves requests from `socket` until the other end closes it and the last program has ended. Returns an exit status.
int clinux_spawn_serve(int socket);

/// Starts the spawner at `path` with one end of a new socket pair as its descriptor 3 and an empty environment; the
/// other end (close-on-exec, non-blocking) is returned. posix_spawn(3) with extensions behind _GNU_SOURCE.
int clinux_spawn_start(const char *path, pid_t *pid);

/// Seals a body against any change (fcntl(2), F_ADD_SEALS); the spawner takes no other.
int clinux_spawn_seal(int memfd);

/// prlimit(2), hidden behind _GNU_SOURCE; soft and hard, either pointer may be NULL.
int clinux_prlimit(pid_t pid, uint32_t resource, const uint64_t *new_values, uint64_t *old_values);

/// A new pseudo-terminal: the end that a program gets is `far`. Both close-on-exec, neither the controlling terminal.
int clinux_open_pty(int *near, int *far);

/// Whether `fault` is heeded (NETNSD_FAULTS).
extern const bool clinux_spawn_faults;
