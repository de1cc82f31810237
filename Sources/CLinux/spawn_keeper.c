// netnsd-spawn: job control for a program on a terminal.
//
// Theory of operation. The kernel discards SIGTSTP, SIGTTIN and SIGTTOU in an orphaned process group: one in which
// nobody has a parent in another group of the same session (setpgid(2), POSIX 3.264). A program that leads its own
// session is in such a group, so Ctrl-Z would do nothing. Where stopping is wanted, the process that leads the session
// therefore stays and is to the program what a shell would be: its parent, in another group. It has given up what the
// program has given up and does four things: it tells what wait(2) says, passes signals on, takes the program along
// when it is killed (PR_SET_PDEATHSIG), and ends as the program ended.
#define _GNU_SOURCE
#include "spawn_plan.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/// Those that a terminal sends to a whole group; any other is for the program itself, as kill(1) sends it.
static bool is_for_group(int number) {
    return number == SIGHUP || number == SIGCONT || number == SIGTSTP || number == SIGTTIN || number == SIGTTOU ||
           number == SIGWINCH;
}

/// Tells what has become of the program; does not return where it has ended.
static void tell_statuses(pid_t program, int statuses) {
    int status;
    while (waitpid(program, &status, WNOHANG | WUNTRACED | WCONTINUED) > 0) {
        (void)!write(statuses, &status, sizeof status); // a reader that is gone wants to know nothing
        if (WIFSIGNALED(status))
            clinux_die_of(WTERMSIG(status));
        if (WIFEXITED(status))
            _exit(WEXITSTATUS(status));
    }
}

void spawn_keep(pid_t program, int statuses) {
    setpgid(program, program); // as the program does: whoever comes first
    // The terminal stays open at 0: without the keeper's the last close by the program would hang it up.
    close(1);
    close(2);
    (void)!chdir("/");
    prctl(PR_SET_NAME, "netnsd-keeper");
    // Blocked signals wait until they are taken, whatever their action. SIGPIPE stays ignored.
    sigset_t all;
    sigfillset(&all);
    sigdelset(&all, SIGPIPE);
    sigprocmask(SIG_SETMASK, &all, NULL);
    for (;;) {
        int number = sigwaitinfo(&all, NULL);
        if (number == SIGCHLD)
            tell_statuses(program, statuses);
        else if (number > 0)
            kill(is_for_group(number) ? -program : program, number);
    }
}
