// The floor: what the kernel alone takes for the work of a request, without an agent, a protocol or a process to start.
//
//   floor make|wire|delete PREFIX FIRST COUNT    namespaces PREFIX0, PREFIX1, … pinned in /run/netns
//   floor address|list NAME FIRST COUNT          in the namespace NAME: an address for lo each; all its links each time
//   floor settle                                 waits until the kernel is done with what was deleted before
//
// The system calls are those without which a namespace would not be what netnsd hands out (an id by which the kernel
// reports its end, ping and low ports for its user, lo up), in the agent's order; what can be open before is. `wire`
// makes the namespace and a veth pair into the bridge br0 of the namespace PREFIXhub, both ends named and in place by one
// message; then the end inside comes up and has its address and the default route by one send (the kernel takes no peer
// that is up: veth_open() wants to see its other end). Prints each one's nanoseconds, a line each.

#define _GNU_SOURCE
#include "common.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static int home;                     // the namespace the process began in
static struct mnl_socket *home_socket;
static char buffer[1 << 16];

static struct mnl_socket *open_socket(void) {
    struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
    if (!socket || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0) err(1, "netlink socket");
    return socket;
}

static void enter(int namespace) {
    if (setns(namespace, CLONE_NEWNET) < 0) err(1, "setns");
}

static int open_pin(const char *name) {
    char path[128];
    snprintf(path, sizeof path, "/run/netns/%s", name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) err(1, "%s", path);
    return fd;
}

/// A socket of the namespace, by going in and coming back.
static struct mnl_socket *socket_in(int namespace) {
    enter(namespace);
    struct mnl_socket *socket = open_socket();
    enter(home);
    return socket;
}

static void *begin(void *at, uint16_t type, uint16_t flags, const void *body, size_t size) {
    struct nlmsghdr *message = mnl_nlmsg_put_header(at);
    message->nlmsg_type = type;
    message->nlmsg_flags = NLM_F_REQUEST | flags;
    memcpy(mnl_nlmsg_put_extra_header(message, size), body, size);
    return message;
}

/// The number of the link an answer is about, or of its other end.
static int index_in(const struct nlmsghdr *answer, int is_other_end) {
    const struct ifinfomsg *body = mnl_nlmsg_get_payload(answer);
    const struct nlattr *attribute;
    if (!is_other_end) return body->ifi_index;
    mnl_attr_for_each(attribute, answer, sizeof *body) {
        if (mnl_attr_get_type(attribute) == IFLA_LINK) return (int)mnl_attr_get_u32(attribute);
    }
    errx(1, "the kernel did not say the peer's number");
}

/// Sends `count` bytes of requests and reads until the last of `acks` acknowledgements; gives the answer's link.
static int exchange(struct mnl_socket *socket, const void *bytes, size_t count, int acks, int is_other_end) {
    static char answer[1 << 16];
    int index = 0;
    if (mnl_socket_sendto(socket, bytes, count) < 0) err(1, "send");
    while (acks > 0) {
        ssize_t length = mnl_socket_recvfrom(socket, answer, sizeof answer);
        if (length < 0) err(1, "recv");
        int rest = (int)length;
        for (struct nlmsghdr *reply = (void *)answer; mnl_nlmsg_ok(reply, rest); reply = mnl_nlmsg_next(reply, &rest)) {
            if (reply->nlmsg_type == NLMSG_ERROR) {
                int code = *(int *)mnl_nlmsg_get_payload(reply);
                if (code) errx(1, "the kernel: %s", strerror(-code));
                acks--;
            } else if (reply->nlmsg_type == NLMSG_DONE) {
                acks--;
            } else if (reply->nlmsg_type == RTM_NEWLINK) {
                index = index_in(reply, is_other_end);
            }
        }
    }
    return index;
}

static void write_file(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, text, strlen(text)) < 0) err(1, "%s", path);
    close(fd);
}

static int link_index(struct mnl_socket *socket, const char *name) {
    struct ifinfomsg any = {0};
    struct nlmsghdr *message = begin(buffer, RTM_GETLINK, NLM_F_ACK, &any, sizeof any);
    mnl_attr_put_strz(message, IFLA_IFNAME, name);
    return exchange(socket, message, message->nlmsg_len, 1, 0);
}

static size_t put_up(void *at, int index) {
    struct ifinfomsg body = {.ifi_index = index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP};
    struct nlmsghdr *message = begin(at, RTM_SETLINK, NLM_F_ACK, &body, sizeof body);
    return message->nlmsg_len;
}

/// Makes and pins; the descriptor of the namespace stays with the caller, and a socket in it.
static int make(const char *name, int32_t id, struct mnl_socket **inside) {
    char path[128];
    snprintf(path, sizeof path, "/run/netns/%s", name);
    int pin = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
    if (pin < 0) err(1, "%s", path);
    close(pin);
    if (unshare(CLONE_NEWNET) < 0) err(1, "unshare");
    int namespace = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

    struct rtgenmsg any = {0};
    struct nlmsghdr *message = begin(buffer, RTM_NEWNSID, NLM_F_ACK, &any, sizeof any);
    mnl_attr_put_u32(message, NETNSA_NSID, (uint32_t)id);
    mnl_attr_put_u32(message, NETNSA_FD, (uint32_t)namespace);
    exchange(home_socket, message, message->nlmsg_len, 1, 0);
    write_file("/proc/sys/net/ipv4/ping_group_range", "0 2147483647");
    write_file("/proc/sys/net/ipv4/ip_unprivileged_port_start", "0");

    *inside = open_socket();
    exchange(*inside, buffer, put_up(buffer, 1), 1, 0);
    if (mount("/proc/thread-self/ns/net", path, "none", MS_BIND, NULL) < 0) err(1, "mount %s", path);
    enter(home);
    return namespace;
}

/// One message: a veth pair, one end in the bridge `master` and up, the other as eth0 in `namespace`; gives its number.
static int connect_veth(struct mnl_socket *hub, int master, int namespace, const char *name) {
    struct ifinfomsg up = {.ifi_flags = IFF_UP, .ifi_change = IFF_UP};
    struct nlmsghdr *message = begin(buffer, RTM_NEWLINK, NLM_F_ACK | NLM_F_ECHO | NLM_F_CREATE | NLM_F_EXCL, &up,
                                     sizeof up);
    mnl_attr_put_strz(message, IFLA_IFNAME, name);
    mnl_attr_put_u32(message, IFLA_MASTER, (uint32_t)master);
    struct nlattr *info = mnl_attr_nest_start(message, IFLA_LINKINFO);
    mnl_attr_put_strz(message, IFLA_INFO_KIND, "veth");
    struct nlattr *data = mnl_attr_nest_start(message, IFLA_INFO_DATA);
    struct nlattr *peer = mnl_attr_nest_start(message, VETH_INFO_PEER);
    mnl_nlmsg_put_extra_header(message, sizeof up);
    mnl_attr_put_strz(message, IFLA_IFNAME, "eth0");
    mnl_attr_put_u32(message, IFLA_NET_NS_FD, (uint32_t)namespace);
    mnl_attr_nest_end(message, peer);
    mnl_attr_nest_end(message, data);
    mnl_attr_nest_end(message, info);
    return exchange(hub, message, message->nlmsg_len, 1, 1);
}

static size_t put_address(void *at, int index, in_addr_t address, uint8_t length) {
    struct ifaddrmsg body = {.ifa_family = AF_INET, .ifa_prefixlen = length, .ifa_index = (uint32_t)index};
    struct nlmsghdr *message = begin(at, RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &body, sizeof body);
    mnl_attr_put_u32(message, IFA_LOCAL, address);
    mnl_attr_put_u32(message, IFA_ADDRESS, address);
    return message->nlmsg_len;
}

static size_t put_default_route(void *at, in_addr_t gateway) {
    struct rtmsg body = {.rtm_family = AF_INET, .rtm_table = RT_TABLE_MAIN, .rtm_protocol = RTPROT_BOOT,
                         .rtm_scope = RT_SCOPE_UNIVERSE, .rtm_type = RTN_UNICAST};
    struct nlmsghdr *message = begin(at, RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &body, sizeof body);
    mnl_attr_put_u32(message, RTA_GATEWAY, gateway);
    return message->nlmsg_len;
}

/// 10.A.B.2 in 10.0.0.0/8 for number A·256+B of it.
static in_addr_t address_of(long number) { return htonl(0x0a000002u + ((uint32_t)number << 8)); }

static void make_and_wire(const char *prefix, long first, long count, int is_wired) {
    int master = 0;
    struct mnl_socket *hub = NULL;
    if (is_wired) {
        char name[64];
        snprintf(name, sizeof name, "%shub", prefix);
        hub = socket_in(open_pin(name));
        master = link_index(hub, "br0");
    }
    for (long number = first; number < first + count; number++) {
        char name[64], end[IFNAMSIZ];
        struct mnl_socket *inside;
        int64_t began = nanoseconds();
        snprintf(name, sizeof name, "%s%ld", prefix, number);
        // Ids below the agent's (Registry.firstId) and above what the kernel would choose here.
        int namespace = make(name, (int32_t)(500000 + number), &inside);
        if (is_wired) {
            snprintf(end, sizeof end, "v%ld", number);
            int index = connect_veth(hub, master, namespace, end);
            size_t length = put_up(buffer, index);
            length += put_address(buffer + length, index, address_of(number), 8);
            length += put_default_route(buffer + length, htonl(0x0a000001));
            exchange(inside, buffer, length, 3, 0);
        }
        mnl_socket_close(inside);
        close(namespace);
        printf("%lld\n", (long long)(nanoseconds() - began));
    }
}

static void delete(const char *prefix, long first, long count) {
    for (long number = first; number < first + count; number++) {
        char path[128];
        int64_t began = nanoseconds();
        snprintf(path, sizeof path, "/run/netns/%s%ld", prefix, number);
        if (umount2(path, MNT_DETACH) < 0 || unlink(path) < 0) err(1, "%s", path);
        printf("%lld\n", (long long)(nanoseconds() - began));
    }
}

/// Opens the namespace anew for each, as a request does that nothing is remembered for.
static void inside(const char *name, long first, long count, int is_list) {
    for (long number = first; number < first + count; number++) {
        int64_t began = nanoseconds();
        int namespace = open_pin(name);
        struct mnl_socket *socket = socket_in(namespace);
        if (is_list) {
            struct ifinfomsg any = {0};
            struct nlmsghdr *message = begin(buffer, RTM_GETLINK, NLM_F_DUMP, &any, sizeof any);
            exchange(socket, message, message->nlmsg_len, 1, 0);
        } else {
            int index = link_index(socket, "lo");
            exchange(socket, buffer, put_address(buffer, index, htonl(0x0ac00000u + (uint32_t)number), 32), 1, 0);
        }
        mnl_socket_close(socket);
        close(namespace);
        printf("%lld\n", (long long)(nanoseconds() - began));
    }
}

/// One more namespace: the kernel ends them in order, and tells of those that have an id (RTM_DELNSID).
static void settle(void) {
    enum { id = 499999 };
    struct mnl_socket *monitor = open_socket(), *inside;
    int group = RTNLGRP_NSID;
    if (mnl_socket_setsockopt(monitor, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) < 0) err(1, "RTNLGRP_NSID");
    int namespace = make("settle", id, &inside);
    mnl_socket_close(inside);
    close(namespace);
    umount2("/run/netns/settle", MNT_DETACH);
    unlink("/run/netns/settle");
    while (1) {
        ssize_t length = mnl_socket_recvfrom(monitor, buffer, sizeof buffer);
        if (length < 0) err(1, "recv");
        int rest = (int)length;
        for (struct nlmsghdr *event = (void *)buffer; mnl_nlmsg_ok(event, rest); event = mnl_nlmsg_next(event, &rest)) {
            if (event->nlmsg_type != RTM_DELNSID) continue;
            struct nlattr *attribute;
            mnl_attr_for_each(attribute, event, sizeof(struct rtgenmsg)) {
                if (mnl_attr_get_type(attribute) == NETNSA_NSID && mnl_attr_get_u32(attribute) == id) return;
            }
        }
    }
}

int main(int count, char **words) {
    const char *verb = count > 1 ? words[1] : "";
    home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    home_socket = open_socket();
    mkdir("/run/netns", 0755);
    if (count == 5 && (!strcmp(verb, "make") || !strcmp(verb, "wire"))) {
        make_and_wire(words[2], number(words[3]), number(words[4]), !strcmp(verb, "wire"));
    } else if (count == 5 && !strcmp(verb, "delete")) {
        delete(words[2], number(words[3]), number(words[4]));
    } else if (count == 5 && (!strcmp(verb, "address") || !strcmp(verb, "list"))) {
        inside(words[2], number(words[3]), number(words[4]), !strcmp(verb, "list"));
    } else if (count == 2 && !strcmp(verb, "settle")) {
        settle();
    } else {
        errx(2, "usage: the first lines of floor.c");
    }
    return 0;
}
