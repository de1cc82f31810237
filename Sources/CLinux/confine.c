// What the agent gives up once netnsd-spawn runs. The process is single-threaded then: capabilities, no_new_privs and
// a filter belong to a thread and are inherited by those it starts.
#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

const int CLINUX_CAP_CHOWN = CAP_CHOWN, CLINUX_CAP_KILL = CAP_KILL, CLINUX_CAP_NET_BROADCAST = CAP_NET_BROADCAST, CLINUX_CAP_NET_ADMIN = CAP_NET_ADMIN,
          CLINUX_CAP_NET_RAW = CAP_NET_RAW, CLINUX_CAP_SYS_ADMIN = CAP_SYS_ADMIN, CLINUX_CAP_SYS_PTRACE = CAP_SYS_PTRACE;

int clinux_limit_capabilities(uint64_t kept) {
    for (int capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++)
        if (!(kept >> capability & 1) && prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0)
            return -1;
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0)
        return -1;
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct held[2];
    if (syscall(SYS_capget, &header, held) != 0)
        return -1;
    // What is not held cannot be kept: a container's root has less than all.
    for (int word = 0; word < 2; word++) {
        uint32_t part = (uint32_t)(kept >> (word * 32)) & held[word].permitted;
        held[word] = (struct __user_cap_data_struct){.effective = part, .permitted = part, .inheritable = 0};
    }
    return (int)syscall(SYS_capset, &header, held);
}

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#define DENY(call)                                                                                                     \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)

int clinux_filter_system_calls(void) {
#ifdef ARCHITECTURE
    struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS), // another architecture's numbers mean other calls
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
#ifdef __x86_64__
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1), // x32's numbers (__X32_SYSCALL_BIT)
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
#endif
        // Programs are netnsd-spawn's to start.
        DENY(execve), DENY(execveat),
        // Other processes' memory.
        DENY(ptrace), DENY(process_vm_readv), DENY(process_vm_writev), DENY(pidfd_getfd), DENY(kcmp),
        // The kernel itself.
        DENY(init_module), DENY(finit_module), DENY(delete_module), DENY(kexec_load), DENY(bpf), DENY(perf_event_open),
        DENY(userfaultfd), DENY(reboot), DENY(swapon), DENY(swapoff), DENY(acct), DENY(syslog), DENY(sethostname),
        DENY(setdomainname), DENY(settimeofday), DENY(clock_settime), DENY(adjtimex), DENY(clock_adjtime),
#ifdef __x86_64__
        DENY(iopl), DENY(ioperm), DENY(kexec_file_load),
#endif
        // Files by other ways than their names, other roots, other people's keys.
        DENY(open_by_handle_at), DENY(chroot), DENY(pivot_root), DENY(quotactl), DENY(add_key), DENY(request_key),
        DENY(keyctl),
        // Other people: who asks is looked up, never become.
        DENY(setuid), DENY(setgid), DENY(setreuid), DENY(setregid), DENY(setresuid), DENY(setresgid), DENY(setgroups),
        DENY(setfsuid), DENY(setfsgid),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {.len = sizeof program / sizeof *program, .filter = program};
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter);
#else
    errno = ENOSYS;
    return -1;
#endif
}

int clinux_no_new_privileges(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); }

int clinux_not_dumpable(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }
