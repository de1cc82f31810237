// System calls that are variadic, unwrapped or hidden behind _GNU_SOURCE.
#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <linux/openat2.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

const long CLINUX_NSFS_MAGIC = NSFS_MAGIC;
const int CLINUX_CLONE_NEWNET = CLONE_NEWNET;
const int CLINUX_CLONE_NEWUSER = CLONE_NEWUSER;
const unsigned long CLINUX_NS_GET_NSTYPE = NS_GET_NSTYPE;
const unsigned long CLINUX_NS_GET_USERNS = NS_GET_USERNS;

int clinux_setns(int fd, int type) { return setns(fd, type); }

int clinux_namespace_owner(int fd, uid_t *uid) { return ioctl(fd, NS_GET_OWNER_UID, uid); }

int clinux_unshare_net(void) { return unshare(CLONE_NEWNET); }

int clinux_open(const char *path, int flags, mode_t mode) { return open(path, flags, mode); }

int clinux_open_beneath(int directory, const char *path, int flags) {
    struct open_how how = {.flags = (unsigned)flags, .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};
    return (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
}

const char *clinux_errno_name(int error) { return strerrorname_np(error); }

pid_t clinux_gettid(void) { return (pid_t)syscall(SYS_gettid); }

int clinux_lock_file(int fd) { return flock(fd, LOCK_EX | LOCK_NB); }

int clinux_ioctl_int(int fd, unsigned long request) { return ioctl(fd, request); }

int clinux_multicast_address(int fd, unsigned long request, const char *link, const unsigned char address[6]) {
    struct ifreq change = {.ifr_hwaddr.sa_family = AF_UNSPEC};
    strncpy(change.ifr_name, link, IFNAMSIZ - 1);
    memcpy(change.ifr_hwaddr.sa_data, address, 6);
    return ioctl(fd, request, &change);
}

int clinux_fcntl(int fd, int command, long argument) { return fcntl(fd, command, argument); }

int clinux_name_thread(unsigned long thread, const char *name) { return pthread_setname_np(thread, name); }

int clinux_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int clinux_pidfd_send_signal(int pidfd, int signal) {
    return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

int clinux_pidfd_signal_group(int pidfd, int signal) {
    const unsigned group = 1u << 2; // PIDFD_SIGNAL_PROCESS_GROUP, linux/pidfd.h
    return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, group);
}

/// struct pidfd_info of linux/pidfd.h in its first size; headers may be older than the kernel.
struct pidfd_information {
    uint64_t mask;
    uint64_t cgroup;
    uint32_t pid, tgid, ppid, ruid, rgid, euid, egid, suid, sgid, fsuid, fsgid;
    int32_t exit_code;
};

int clinux_pidfd_exit_status(int pidfd, int *status) {
    const uint64_t exit_known = 1u << 3; // PIDFD_INFO_EXIT
    struct pidfd_information information = {.mask = exit_known};
    if (ioctl(pidfd, _IOWR(0xFF, 11, struct pidfd_information), &information) != 0) // PIDFD_GET_INFO
        return -1;
    if (!(information.mask & exit_known)) {
        errno = ENODATA;
        return -1;
    }
    *status = information.exit_code;
    return 0;
}

int clinux_memfd(const char *name) { return memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING); }
