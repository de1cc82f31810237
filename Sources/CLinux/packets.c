// Packet sockets, for the agent that opens them and the client that reads them.
#define _GNU_SOURCE
#include "CLinuxPackets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

_Static_assert(sizeof(clinux_filter_instruction) == sizeof(struct sock_filter), "struct sock_filter");

static int packet_bind(int fd, int ifindex, uint16_t protocol) {
    struct sockaddr_ll address = {
        .sll_family = AF_PACKET, .sll_protocol = htons(protocol), .sll_ifindex = ifindex};
    return bind(fd, (struct sockaddr *)&address, sizeof address);
}

int clinux_packet_socket(int ifindex) {
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    if (fd < 0 || ifindex == 0 || packet_bind(fd, ifindex, 0) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

int clinux_packet_ifindex(int fd, int *ifindex) {
    struct sockaddr_ll address = {.sll_family = 0};
    socklen_t length = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &length) != 0)
        return -1;
    if (address.sll_family != AF_PACKET) {
        errno = EPROTOTYPE;
        return -1;
    }
    *ifindex = address.sll_ifindex;
    return 0;
}

int clinux_packet_start(int fd) {
    int yes = 1, ifindex;
    if (clinux_packet_ifindex(fd, &ifindex) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &yes, sizeof yes) != 0 ||
        setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &yes, sizeof yes) != 0)
        return -1;
    return packet_bind(fd, ifindex, ETH_P_ALL);
}

int clinux_attach_filter(int fd, const clinux_filter_instruction *program, size_t count) {
    if (count > BPF_MAXINSNS) {
        errno = EINVAL;
        return -1;
    }
    struct sock_fprog filter = {.len = (unsigned short)count, .filter = (struct sock_filter *)program};
    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter);
}

ssize_t clinux_packet_receive(int fd, void *bytes, size_t length, clinux_packet *out) {
    union {
        char room[CMSG_SPACE(sizeof(struct timespec)) + CMSG_SPACE(sizeof(struct tpacket_auxdata))];
        struct cmsghdr align;
    } control;
    struct sockaddr_ll sender;
    struct iovec vector = {.iov_base = bytes, .iov_len = length};
    struct msghdr message = {.msg_name = &sender,
                             .msg_namelen = sizeof sender,
                             .msg_iov = &vector,
                             .msg_iovlen = 1,
                             .msg_control = control.room,
                             .msg_controllen = sizeof control.room};
    memset(&sender, 0, sizeof sender);
    memset(out, 0, sizeof *out);
    ssize_t received = recvmsg(fd, &message, MSG_DONTWAIT | MSG_TRUNC);
    if (received < 0)
        return received;
    out->ifindex = sender.sll_ifindex;
    out->hardwareType = sender.sll_hatype;
    out->packetType = sender.sll_pkttype;
    out->originalLength = (uint32_t)received;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_TIMESTAMPNS &&
            header->cmsg_len >= CMSG_LEN(sizeof(struct timespec))) {
            struct timespec time;
            memcpy(&time, CMSG_DATA(header), sizeof time);
            out->time = (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
        } else if (header->cmsg_level == SOL_PACKET && header->cmsg_type == PACKET_AUXDATA &&
                   header->cmsg_len >= CMSG_LEN(sizeof(struct tpacket_auxdata))) {
            struct tpacket_auxdata auxiliary;
            memcpy(&auxiliary, CMSG_DATA(header), sizeof auxiliary);
            out->originalLength = auxiliary.tp_len;
            out->hasTag = auxiliary.tp_status & TP_STATUS_VLAN_VALID;
            out->tagControl = auxiliary.tp_vlan_tci;
            out->tagProtocol =
                auxiliary.tp_status & TP_STATUS_VLAN_TPID_VALID ? auxiliary.tp_vlan_tpid : ETH_P_8021Q;
        }
    }
    return (size_t)received > length ? (ssize_t)length : received;
}

int clinux_packet_statistics(int fd, uint32_t *packets, uint32_t *drops) {
    struct tpacket_stats statistics;
    socklen_t length = sizeof statistics;
    if (getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &statistics, &length) != 0)
        return -1;
    *packets = statistics.tp_packets;
    *drops = statistics.tp_drops;
    return 0;
}

int clinux_link_name(int fd, int ifindex, char name[16]) {
    struct ifreq request = {.ifr_ifindex = ifindex};
    _Static_assert(IFNAMSIZ == 16, "netdevice(7)");
    if (ioctl(fd, SIOCGIFNAME, &request) != 0)
        return -1;
    memcpy(name, request.ifr_name, IFNAMSIZ);
    name[IFNAMSIZ - 1] = '\0';
    return 0;
}

int clinux_link_type(int fd, const char *name, uint16_t *hardwareType) {
    struct ifreq request;
    memset(&request, 0, sizeof request);
    if (strlen(name) >= sizeof request.ifr_name) {
        errno = ENODEV;
        return -1;
    }
    strcpy(request.ifr_name, name);
    if (ioctl(fd, SIOCGIFHWADDR, &request) != 0)
        return -1;
    *hardwareType = request.ifr_hwaddr.sa_family;
    return 0;
}
