// netnsd-spawn: finding the program and becoming it.
#define _GNU_SOURCE
#include "spawn_plan.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

/// execve(2); a file that is executable but of no known format is given to the shell, as execvp(3) and shells do.
/// Returns an errno.
static int execute_file(const spawn_plan *plan, const char *path) {
    execve(path, plan->arguments, plan->environment);
    if (errno != ENOEXEC)
        return errno;
    char **arguments = plan->arguments - 1;
    arguments[0] = "/bin/sh";
    arguments[1] = (char *)path;
    execve(arguments[0], arguments, plan->environment);
    return ENOEXEC;
}

static const char *search_path(char **environment) {
    for (; *environment; environment++)
        if (strncmp(*environment, "PATH=", 5) == 0)
            return *environment + 5;
    return "/bin:/usr/bin"; // execvp(3), where PATH is not set
}

int spawn_execute(const spawn_plan *plan) {
    const char *program = plan->program;
    size_t length = strlen(program);
    if (length == 0)
        return ENOENT;
    if (strchr(program, '/'))
        return execute_file(plan, program);
    if (length > NAME_MAX)
        return ENAMETOOLONG;
    bool denied = false;
    for (const char *directory = search_path(plan->environment);;) {
        const char *end = strchrnul(directory, ':');
        size_t directoryLength = (size_t)(end - directory);
        char candidate[PATH_MAX + NAME_MAX + 2];
        if (directoryLength < PATH_MAX) {
            char *next = mempcpy(candidate, directory, directoryLength);
            if (directoryLength > 0) // an empty entry is the working directory
                *next++ = '/';
            memcpy(next, program, length + 1);
            int error = execute_file(plan, candidate);
            if (error == EACCES)
                // One later in PATH may do; if none does, this is the answer. A directory of PATH that may not be
                // searched is no answer: nobody knows what is in it.
                denied = denied || access(candidate, F_OK) == 0;
            else if (error != ENOENT && error != ENOTDIR && error != ESTALE && error != ENODEV && error != ETIMEDOUT)
                return error;
        }
        if (*end == 0)
            return denied ? EACCES : ENOENT;
        directory = end + 1;
    }
}
