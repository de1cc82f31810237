// netnsd-spawn: from a sealed memfd to a request whose every field was checked.
//
// The agent is trusted, but what it sends was shaped by people: nothing is read past its region, and nothing can change
// after it was checked, because the memfd is sealed.
#define _GNU_SOURCE
#include "spawn_plan.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef NETNSD_FAULTS
const bool clinux_spawn_faults = true;
#else
const bool clinux_spawn_faults = false;
#endif

static const int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

int clinux_spawn_seal(int memfd) { return fcntl(memfd, F_ADD_SEALS, seals); }

static int map_body(int memfd, spawn_plan *plan) {
    struct stat status;
    int present = fcntl(memfd, F_GET_SEALS);
    if (present < 0 || (present & seals) != seals)
        return EPERM;
    if (fstat(memfd, &status) != 0)
        return errno;
    if (status.st_size < (off_t)sizeof(clinux_spawn_body) || status.st_size > (off_t)CLINUX_SPAWN_MAX_BODY)
        return EMSGSIZE;
    void *memory = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, memfd, 0);
    if (memory == MAP_FAILED)
        return errno;
    plan->body = memory;
    plan->size = (size_t)status.st_size;
    return 0;
}

static bool fields_are_valid(const clinux_spawn_body *body, uint64_t id) {
    const uint32_t none = UINT32_MAX; // (uid_t)-1 means "leave as it is" to setresuid(2)
    return body->version == CLINUX_SPAWN_VERSION && body->size == sizeof *body && body->id == id &&
           (body->flags & ~CLINUX_SPAWN_FLAGS) == 0 && body->uid != none && body->gid != none &&
           (body->umask & ~0777u) == 0 && body->policy != SCHED_DEADLINE && body->oomScoreAdjustment >= -1000 &&
           body->oomScoreAdjustment <= 1000 && (clinux_spawn_faults || body->fault == 0) && body->reserved[0] == 0 &&
           body->reserved[1] == 0;
}

/// The region's first byte, NULL where it is not wholly inside the body.
static const void *region_start(const spawn_plan *plan, clinux_spawn_region region) {
    if (region.offset % 8 != 0 || region.offset > plan->size || region.length > plan->size - region.offset)
        return NULL;
    return (const char *)plan->body + region.offset;
}

static const void *array(const spawn_plan *plan, clinux_spawn_region region, size_t entry, size_t most) {
    if (region.count > most || region.length != region.count * entry)
        return NULL;
    return region_start(plan, region);
}

/// Pointers to each of the region's NUL-terminated strings, then a NULL; one free entry precedes them. The region is
/// filled by them exactly. NULL with errno otherwise.
static char **strings(const spawn_plan *plan, clinux_spawn_region region) {
    const char *start = region_start(plan, region);
    if (!start || region.count > region.length) {
        errno = EINVAL;
        return NULL;
    }
    char **pointers = calloc((size_t)region.count + 2, sizeof *pointers);
    if (!pointers)
        return NULL;
    const char *next = start, *end = start + region.length;
    for (size_t index = 1; index <= region.count; index++) {
        const char *terminator = memchr(next, 0, (size_t)(end - next));
        if (!terminator)
            break;
        pointers[index] = (char *)next;
        next = terminator + 1;
    }
    if (next == end && (region.count == 0 || pointers[region.count]))
        return pointers + 1;
    free(pointers);
    errno = EINVAL;
    return NULL;
}

static void free_strings(char **pointers) {
    if (pointers)
        free(pointers - 1);
}

static bool paths_are_absolute(char **paths) {
    for (; *paths; paths++)
        if (**paths != '/')
            return false;
    return true;
}

/// Whose it is, and with which limits.
static int read_owner(spawn_plan *plan) {
    const clinux_spawn_body *body = plan->body;
    plan->groups = array(plan, body->groups, sizeof(uint32_t), CLINUX_SPAWN_MAX_GROUPS);
    plan->limits = array(plan, body->limits, sizeof(clinux_spawn_limit), CLINUX_SPAWN_LIMITS);
    if (!plan->groups || !plan->limits)
        return EINVAL;
    for (uint32_t index = 0; index < body->limits.count; index++)
        if (plan->limits[index].resource >= CLINUX_SPAWN_LIMITS || plan->limits[index].reserved != 0)
            return EINVAL;
    return 0;
}

static int read_program(spawn_plan *plan) {
    const clinux_spawn_body *body = plan->body;
    // No argument at all is refused: programs read argv[0], and some (CVE-2021-4034) read on from there.
    if (body->arguments.count == 0 || body->program.count > 1 || body->binds.count % 2 != 0)
        return EINVAL;
    if (!(plan->arguments = strings(plan, body->arguments)) ||
        !(plan->environment = strings(plan, body->environment)) || !(plan->binds = strings(plan, body->binds)))
        return errno;
    if (!paths_are_absolute(plan->binds))
        return EINVAL;
    plan->program = plan->arguments[0];
    if (body->program.count == 1) {
        char **program = strings(plan, body->program);
        if (!program)
            return errno;
        plan->program = program[0];
        free_strings(program);
    }
    return 0;
}

int spawn_plan_read(const clinux_spawn_datagram *datagram, spawn_plan *plan) {
    const int *descriptors = plan->descriptors;
    bool starts = datagram->kind == CLINUX_SPAWN_START;
    if (descriptors[CLINUX_SPAWN_BODY] < 0 ||
        (starts && (descriptors[CLINUX_SPAWN_NETNS] < 0 || descriptors[CLINUX_SPAWN_DIRECTORY] < 0)))
        return EBADF;
    int error = map_body(descriptors[CLINUX_SPAWN_BODY], plan);
    if (error == 0 && !fields_are_valid(plan->body, datagram->id))
        error = EINVAL;
    if (error == 0 && (plan->body->flags & CLINUX_SPAWN_TERMINAL) && descriptors[CLINUX_SPAWN_STDIN] < 0)
        error = EBADF;
    if (error == 0 && descriptors[CLINUX_SPAWN_STATUSES] >= 0 && !(plan->body->flags & CLINUX_SPAWN_TERMINAL))
        error = EINVAL;
    if (error == 0)
        error = read_owner(plan);
    return error != 0 || !starts ? error : read_program(plan);
}

void spawn_plan_free(spawn_plan *plan) {
    free_strings(plan->arguments);
    free_strings(plan->environment);
    free_strings(plan->binds);
    if (plan->body)
        munmap((void *)plan->body, plan->size);
    for (size_t role = 0; role < CLINUX_SPAWN_DESCRIPTORS; role++)
        if (plan->descriptors[role] >= 0)
            close(plan->descriptors[role]);
}
