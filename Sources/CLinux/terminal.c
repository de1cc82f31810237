// A client's terminal.
#define _GNU_SOURCE
#include "CLinux.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>

int clinux_copy_window_size(int from, int to) {
    struct winsize size;
    return ioctl(from, TIOCGWINSZ, &size) != 0 ? -1 : ioctl(to, TIOCSWINSZ, &size);
}

int clinux_signal_foreground(int near, int signal) { return ioctl(near, TIOCSIG, (long)signal); }

static int crashFile = -1;
static struct termios crashModes;

static void restore_modes(int number) {
    tcsetattr(crashFile, TCSANOW, &crashModes); // async-signal-safe, signal-safety(7)
    raise(number);                              // SA_RESETHAND: by now its default action
}

void clinux_restore_at_crash(int fd, const struct termios *modes) {
    static const int crashes[] = {SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV};
    crashModes = *modes;
    crashFile = fd;
    struct sigaction action = {.sa_handler = restore_modes, .sa_flags = (int)SA_RESETHAND};
    for (size_t index = 0; index < sizeof crashes / sizeof *crashes; index++)
        sigaction(crashes[index], &action, NULL);
}
