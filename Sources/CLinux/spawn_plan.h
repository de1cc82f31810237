// What the parts of netnsd-spawn share: a validated request, and the process that carries it out.
#pragma once

#include "CLinux.h"

/// A request whose every offset, count and string was checked, laid out for the new process.
typedef struct {
    const clinux_spawn_body *body; // mapped from the memfd
    size_t size;
    const uint32_t *groups;
    const clinux_spawn_limit *limits;
    const char *program;
    char **arguments; // one free entry precedes the first: /bin/sh's name, where a script has no interpreter line
    char **environment;
    char **binds;                              // source, target, source, target …, NULL
    int descriptors[CLINUX_SPAWN_DESCRIPTORS]; // -1 where left out
} spawn_plan;

/// What the new process writes into its status pipe where something fails; after execve(2) the pipe just closes.
typedef struct {
    uint32_t step;
    int32_t error;
} spawn_failure;

/// Reads and checks a request's body; 0 or an errno. The plan's descriptors are set already and stay the caller's.
int spawn_plan_read(const clinux_spawn_datagram *datagram, spawn_plan *plan);
void spawn_plan_free(spawn_plan *plan);

/// The new process: does all that the plan says and becomes the program, or reports and exits.
_Noreturn void spawn_child(const spawn_plan *plan, int status);

/// Looks after a program on a terminal, and ends as it does. `statuses` gets each status that wait(2) gives, an int.
_Noreturn void spawn_keep(pid_t program, int statuses);

/// The process of a delegate request: sends the network namespace's descriptor over `status`, a SOCK_SEQPACKET socket,
/// behind a failure of step 0 and error 0; or a failure that is one.
_Noreturn void spawn_delegate(const spawn_plan *plan, int status);

/// 0, or -1 with errno. All work in the calling process's own mount namespace.
int spawn_mount_sysfs(void);
int spawn_mounts_nosuid(void);
int spawn_bind(const char *source, const char *target);

/// Becomes the program, found as execvpe(3) does but by the PATH of its own environment; returns an errno.
int spawn_execute(const spawn_plan *plan);
