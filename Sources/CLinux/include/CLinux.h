// What Swift cannot import from the kernel's and the C library's interface: variadic calls, macros that compute
// (CMSG_*), structures hidden behind _GNU_SOURCE. Each function is one call or one idiom; none decides anything.
// All return what the system call returns: -1 with errno set on failure.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/statfs.h>
#include <sys/types.h>
#include <termios.h>

/// SCM_MAX_FD of the kernel (include/net/scm.h) is 253; nothing here ever needs more than this.
#define CLINUX_MAX_DESCRIPTORS 16

/// What recvmsg(2) says besides the bytes.
typedef struct {
    int descriptors[CLINUX_MAX_DESCRIPTORS];
    size_t descriptorCount;
    bool truncated;        // MSG_CTRUNC: more descriptors were sent than fit; the kernel has closed the rest
    bool payloadTruncated; // MSG_TRUNC
    int namespaceId;       // NETLINK_LISTEN_ALL_NSID's control message; -1 when there was none
    uint32_t senderPort;   // nl_pid of a netlink sender: 0 is the kernel; 0 for other sockets
} clinux_received;

// socket(7), unix(7), cmsg(3): SO_PEERCRED fills struct ucred, CMSG_* are macros.
int clinux_peer_credentials(int fd, pid_t *pid, uid_t *uid, gid_t *gid);
/// SO_PEERGROUPS; *count goes in as room, comes out as number; ERANGE when there is no room.
int clinux_peer_groups(int fd, gid_t *groups, size_t *count);
/// SO_PEERPIDFD (Linux 6.5): a pidfd of who connected, or -1.
int clinux_peer_pidfd(int fd);
ssize_t clinux_receive(int fd, void *bytes, size_t length, int flags, clinux_received *out);
ssize_t clinux_send(int fd, const void *bytes, size_t length, const int *descriptors, size_t count);
int clinux_unix_connect(const char *path);
/// accept4(2), declared only under _GNU_SOURCE: close-on-exec and non-blocking from the start.
int clinux_accept(int listener);
/// A stream socket bound to `path` and listening; the file is made with `mode`.
int clinux_unix_listen(const char *path, mode_t mode, int backlog);

/// One datagram to the Unix socket in NOTIFY_SOCKET (sd_notify(3)); a leading '@' is the abstract namespace.
int clinux_notify(const char *path, const char *words);

// setns(2), unshare(2): declared only under _GNU_SOURCE.
int clinux_setns(int fd, int type);
int clinux_unshare_net(void);
/// A mount namespace of the calling process's own, whose changes reach no other.
int clinux_unshare_mounts(void);
/// /sys shows the devices of the network namespace the process is in; what is commonly mounted in it stays.
int clinux_mount_sysfs(void);
/// `source` covers `target`, itself where that is a symbolic link (open_tree(2), move_mount(2)).
int clinux_bind(const char *source, const char *target);
/// What is permitted becomes inheritable and ambient (capabilities(7)): execve(2) as another uid than 0 keeps it.
int clinux_keep_capabilities(void);
/// Becomes the program words[1], found by PATH, with words[1], words[2], … up to a NULL as its arguments; words[0] is
/// free to be used. As netnsd-spawn does it: unlike execvp(3) a directory of PATH that may not be searched is no reason
/// to say EACCES. Returns an errno.
int clinux_execute(char **words);
int clinux_open(const char *path, int flags, mode_t mode); // open(2) is variadic
/// openat2(2) with RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS; no C library wrapper exists.
int clinux_open_beneath(int directory, const char *path, int flags);
pid_t clinux_gettid(void);
const char *clinux_errno_name(int error); // strerrorname_np(3); NULL for an unknown number
int clinux_lock_file(int fd); // flock(2), exclusive, not waiting: in Swift its name is the structure's
int clinux_ioctl_int(int fd, unsigned long request); // ioctl(2) is variadic
// SIOCADDMULTI or SIOCDELMULTI (packet(7), netdevice(7)): struct ifreq is made of unions.
int clinux_multicast_address(int fd, unsigned long request, const char *link, const unsigned char address[6]);
int clinux_fcntl(int fd, int command, long argument);   // fcntl(2) is variadic
/// pthread_setname_np(3), declared only under _GNU_SOURCE: 15 bytes. `thread` is a pthread_t; <pthread.h> does not belong
/// here, for what it declares would seem to Swift to come from this module.
int clinux_name_thread(unsigned long thread, const char *name);
int clinux_pidfd_open(pid_t pid);
int clinux_pidfd_send_signal(int pidfd, int signal);
/// environ(7): a mutable global, which Swift 6 lets nobody read.
char **clinux_environment(void);
/// sigaction(2): the disposition is SIG_IGN, a cast that Swift does not import.
bool clinux_is_ignored(int signal);
const char *clinux_signal_name(int signal); // sigabbrev_np(3), hidden behind _GNU_SOURCE; NULL for an unknown number
/// Ends this process by the signal, with its default disposition and without a core file. Does not return.
void clinux_die_of(int signal) __attribute__((noreturn));
/// The same to the process group the process leads (PIDFD_SIGNAL_PROCESS_GROUP, Linux 6.9).
int clinux_pidfd_signal_group(int pidfd, int signal);
/// PIDFD_GET_INFO with PIDFD_INFO_EXIT (Linux 6.15): the wait status of a process that was waited for.
int clinux_pidfd_exit_status(int pidfd, int *status);
/// The terminal's window size (TIOCGWINSZ, ioctl_tty(2)) becomes another's; ioctl(2) is variadic.
int clinux_copy_window_size(int from, int to);
/// SIGINT, SIGQUIT or SIGTSTP to the foreground of the terminal whose near end this is (TIOCSIG, linux/tty_io.c).
int clinux_signal_foreground(int near, int signal);
/// From now on a crash of this process gives the terminal these modes before it ends the process. A signal handler
/// must be C.
void clinux_restore_at_crash(int fd, const struct termios *modes);
int clinux_memfd(const char *name);

// prctl(2), capset(2), seccomp(2): variadic, without wrappers, or macros.
/// Keeps these capabilities (bit n is capability n) in the effective, permitted and bounding sets, none in the others.
int clinux_limit_capabilities(uint64_t kept);
int clinux_no_new_privileges(void);
/// Nobody may attach to it or read its memory, and it leaves no core behind (PR_SET_DUMPABLE).
int clinux_not_dumpable(void);
/// Refuses with EPERM the system calls that the agent has no use for; see confine.c. Needs no_new_privs.
int clinux_filter_system_calls(void);
extern const int CLINUX_CAP_CHOWN, CLINUX_CAP_KILL, CLINUX_CAP_NET_BROADCAST, CLINUX_CAP_NET_ADMIN, CLINUX_CAP_NET_RAW,
    CLINUX_CAP_SYS_ADMIN, CLINUX_CAP_SYS_PTRACE;

/// NSFS_MAGIC (linux/magic.h): statfs(2)'s type of namespace files.
extern const long CLINUX_NSFS_MAGIC;
extern const int CLINUX_CLONE_NEWNET;
extern const int CLINUX_CLONE_NEWUSER;
extern const unsigned long CLINUX_NS_GET_NSTYPE;
extern const unsigned long CLINUX_NS_GET_USERNS;
/// NS_GET_OWNER_UID (ioctl_ns(2)): ioctl(2) is variadic.
int clinux_namespace_owner(int fd, uid_t *uid);

#include "CLinuxPackets.h"
#include "CLinuxSpawn.h"
