// Preloaded into the agent (ld.so(8)): counts what it allocates, in a file that the benchmark reads meanwhile.
//
// ALLOCATIONS names a file of 16 bytes: bytes asked for, and calls. It is mapped once, before the agent confines itself;
// what starts the agent, and what the agent starts, does not count.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t),
    *__libc_memalign(size_t, size_t);

static _Atomic uint64_t nowhere[2], *counts = nowhere;

static void count(size_t bytes) {
    counts[0] += bytes;
    counts[1] += 1;
}

__attribute__((constructor)) static void map_counts(void) {
    const char *path = strcmp(program_invocation_short_name, "netnsd") == 0 ? getenv("ALLOCATIONS") : NULL;
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0) return;
    void *page = mmap(NULL, 16, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (page != MAP_FAILED) counts = page;
}

void *malloc(size_t size) { count(size); return __libc_malloc(size); }
void *calloc(size_t number, size_t size) { count(number * size); return __libc_calloc(number, size); }
void *realloc(void *old, size_t size) { count(size); return __libc_realloc(old, size); }
void *aligned_alloc(size_t alignment, size_t size) { count(size); return __libc_memalign(alignment, size); }
int posix_memalign(void **result, size_t alignment, size_t size) {
    count(size);
    *result = __libc_memalign(alignment, size);
    return *result ? 0 : ENOMEM;
}
