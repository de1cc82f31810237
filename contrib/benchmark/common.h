// What the benchmark's small programs share: the clock, and an end with a word when something cannot be.

#ifndef COMMON_H
#define COMMON_H

#include <err.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

/// CLOCK_MONOTONIC in nanoseconds (clock_gettime(2)).
static inline int64_t nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/// A count from the command line: digits and nothing else.
static inline long number(const char *text) {
    char *end;
    long value = strtol(text, &end, 10);
    if (*text == '\0' || *end != '\0' || value < 0) errx(2, "\"%s\" is not a number", text);
    return value;
}

#endif
