// netnsd-spawn: what a program sees differently in its own mount namespace: /sys and files of /etc.
#define _GNU_SOURCE
#include "spawn_plan.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/// What is commonly mounted inside /sys (systemd's mount table, hugetlb and tracing aside, which root alone can use).
/// It belongs to no network namespace and must be there still when /sys is new.
static const char *const kept[] = {
    "/sys/fs/cgroup", "/sys/fs/selinux", "/sys/fs/smackfs", "/sys/fs/fuse/connections", "/sys/fs/bpf",
    "/sys/kernel/security",
};
enum { KEPT = sizeof kept / sizeof *kept };

static bool is_mount_point(const char *path) {
    struct statx status;
    return statx(AT_FDCWD, path, AT_NO_AUTOMOUNT | AT_SYMLINK_NOFOLLOW, 0, &status) == 0 &&
           (status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

/// Takes every mount off `path`, with all that is mounted below.
static int detach(const char *path) {
    while (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
        ;
    return errno == EINVAL ? 0 : -1; // EINVAL: not, or no longer, a mount point
}

int spawn_mount_sysfs(void) {
    int trees[KEPT];
    struct statvfs old;
    if (statvfs("/sys", &old) != 0)
        return -1;
    for (size_t index = 0; index < KEPT; index++) {
        trees[index] = -1;
        if (is_mount_point(kept[index])) {
            trees[index] = open_tree(AT_FDCWD, kept[index], OPEN_TREE_CLONE | AT_RECURSIVE | OPEN_TREE_CLOEXEC);
            if (trees[index] < 0)
                return -1;
        }
    }
    // A container's /sys is read-only often; it stays so. sysfs(5) shows the devices of the namespace that mounts it.
    unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC | (old.f_flag & ST_RDONLY ? MS_RDONLY : 0);
    if (detach("/sys") != 0 || mount("sysfs", "/sys", "sysfs", flags, NULL) != 0)
        return -1;
    for (size_t index = 0; index < KEPT; index++) {
        if (trees[index] < 0)
            continue;
        if (move_mount(trees[index], "", AT_FDCWD, kept[index], MOVE_MOUNT_F_EMPTY_PATH) != 0)
            return -1;
        close(trees[index]);
    }
    return 0;
}

/// Every mount the program sees is nosuid. Setuid programs stay harmless without it (no_new_privs), but a program with
/// capabilities in its file, as ping often has, could not be executed at all where it cannot get them; nosuid makes the
/// kernel pass over them (capabilities(7)). A kernel before 5.12 has no such call and goes without.
int spawn_mounts_nosuid(void) {
    struct mount_attr attributes = {.attr_set = MOUNT_ATTR_NOSUID};
    int result = mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &attributes, sizeof attributes);
    return result < 0 && errno == ENOSYS ? 0 : result;
}

/// The last component of `target` is not followed where it is a symbolic link: the mount covers the link itself. So a
/// link that points nowhere works as well, and so does one whose file is replaced later (a resolver that writes its
/// resolv.conf anew by rename(2) would take a mount on the old file away with it).
int spawn_bind(const char *source, const char *target) {
    int tree = open_tree(AT_FDCWD, source, OPEN_TREE_CLONE | AT_RECURSIVE | OPEN_TREE_CLOEXEC);
    if (tree < 0)
        return -1;
    int result = move_mount(tree, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH);
    int error = errno;
    close(tree);
    errno = error;
    return result;
}
