// Pseudo-terminals (pty(7)), whose functions are hidden behind _XOPEN_SOURCE.
#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

int clinux_open_pty(int *near, int *far) {
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (master < 0)
        return -1;
    // TIOCGPTPEER (ioctl_tty(2)) needs no path, which may mean another terminal in another mount namespace.
    int slave = grantpt(master) == 0 && unlockpt(master) == 0
                    ? ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC)
                    : -1;
    if (slave < 0) {
        int error = errno;
        close(master);
        errno = error;
        return -1;
    }
    *near = master;
    *far = slave;
    return 0;
}
