// A client's signals and environment.
#define _GNU_SOURCE
#include "CLinux.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

char **clinux_environment(void) { return environ; }

bool clinux_is_ignored(int number) {
    struct sigaction action;
    return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

const char *clinux_signal_name(int number) { return sigabbrev_np(number); }

void clinux_die_of(int number) {
    // core(5): the limit stops a core file, being undumpable also stops one that is piped to a program.
    struct rlimit none = {.rlim_cur = 0, .rlim_max = 0};
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    signal(number, SIG_DFL);
    raise(number);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    _exit(128 + number); // the signal's default is not to end anybody
}
