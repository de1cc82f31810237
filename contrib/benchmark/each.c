// Runs a program COUNT times, one after the other, and prints each one's nanoseconds from before its start to its end.
//
//   each COUNT PROGRAM ARGUMENT…        @ in an argument is the number of the run
//
// What the program prints is thrown away. One that fails ends this with its words on standard error.

#define _GNU_SOURCE
#include "common.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

extern char **environ;

/// `text` with each @ replaced.
static char *numbered(const char *text, long number) {
    size_t room = strlen(text) * 21 + 1;
    char *made = malloc(room), *end = made;
    if (!made) err(1, "malloc");
    for (; *text; text++) {
        if (*text == '@') end += sprintf(end, "%ld", number);
        else *end++ = *text;
    }
    *end = '\0';
    return made;
}

int main(int count, char **words) {
    if (count < 3) errx(2, "usage: each COUNT PROGRAM ARGUMENT…");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    for (long run = 0, runs = number(words[1]); run < runs; run++) {
        char *arguments[count - 1];
        for (int word = 2; word < count; word++) arguments[word - 2] = numbered(words[word], run);
        arguments[count - 2] = NULL;
        pid_t pid;
        int status;
        int64_t began = nanoseconds();
        int error = posix_spawnp(&pid, arguments[0], &actions, NULL, arguments, environ);
        if (error) errx(1, "%s: %s", arguments[0], strerror(error));
        if (waitpid(pid, &status, 0) < 0) err(1, "waitpid");
        int64_t took = nanoseconds() - began;
        if (status) errx(1, "run %ld of %s failed (wait status %d)", run, arguments[0], status);
        printf("%lld\n", (long long)took);
        for (int word = 0; word < count - 2; word++) free(arguments[word]);
    }
    return 0;
}
