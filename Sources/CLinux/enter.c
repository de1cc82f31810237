// What a client does to itself before it becomes a program in a delegated namespace: mounts and capabilities.
#define _GNU_SOURCE
#include "spawn_plan.h"

#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int clinux_execute(char **words) {
    spawn_plan plan = {.program = words[1], .arguments = words + 1, .environment = environ};
    return spawn_execute(&plan);
}

int clinux_unshare_mounts(void) {
    return unshare(CLONE_NEWNS) != 0 ? -1 : mount("", "/", "none", MS_SLAVE | MS_REC, NULL);
}

int clinux_mount_sysfs(void) { return spawn_mount_sysfs(); }

int clinux_bind(const char *source, const char *target) { return spawn_bind(source, target); }

int clinux_keep_capabilities(void) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];
    if (syscall(SYS_capget, &header, sets) != 0)
        return -1;
    for (int index = 0; index < _LINUX_CAPABILITY_U32S_3; index++)
        sets[index].inheritable = sets[index].permitted;
    if (syscall(SYS_capset, &header, sets) != 0)
        return -1;
    // Reading past the last capability the kernel knows is EINVAL.
    for (unsigned long capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++)
        if ((sets[CAP_TO_INDEX(capability)].permitted & CAP_TO_MASK(capability)) &&
            prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) != 0)
            return -1;
    return 0;
}
