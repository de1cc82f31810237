// Packet sockets (packet(7)): their addresses and control messages are structures that Swift's Glibc does not have.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// AF_PACKET, SOCK_RAW, close-on-exec, with protocol 0: nothing is received until clinux_packet_start. Bound to the link
/// `ifindex`, if that is not 0.
int clinux_packet_socket(int ifindex);
/// From now on every protocol is received, on the link the socket is bound to or on all (ETH_P_ALL). Asks for the time
/// of each packet (SO_TIMESTAMPNS) and for what the device took off it (PACKET_AUXDATA).
int clinux_packet_start(int fd);
/// The link a packet socket is bound to: 0 for all, -1 for one that is no more.
int clinux_packet_ifindex(int fd, int *ifindex);

/// One instruction of a classic BPF program: struct sock_filter of linux/filter.h.
typedef struct {
    uint16_t code;
    uint8_t jt, jf;
    uint32_t k;
} clinux_filter_instruction;
/// SO_ATTACH_FILTER (socket(7)).
int clinux_attach_filter(int fd, const clinux_filter_instruction *program, size_t count);

/// What recvmsg(2) says of a packet besides its bytes.
typedef struct {
    int ifindex;
    uint16_t hardwareType;   // ARPHRD_*, linux/if_arp.h
    uint8_t packetType;      // PACKET_HOST … PACKET_OUTGOING, linux/if_packet.h
    bool hasTag;             // a VLAN tag that the device or the kernel took off
    uint16_t tagProtocol;    // 0x8100, 0x88a8
    uint16_t tagControl;     // TCI: priority, DEI, id
    uint32_t originalLength; // before a filter or the room cut it
    uint64_t time;           // nanoseconds since 1970; 0 where the kernel gives none
} clinux_packet;
/// Receives one packet without waiting; its length, cut to `length`. EAGAIN where there is none.
ssize_t clinux_packet_receive(int fd, void *bytes, size_t length, clinux_packet *out);
/// PACKET_STATISTICS: packets since the last call, those dropped for want of room among them.
int clinux_packet_statistics(int fd, uint32_t *packets, uint32_t *drops);
/// A link's name and ARPHRD_* type in the socket's own namespace (SIOCGIFNAME, SIOCGIFHWADDR; netdevice(7)).
int clinux_link_name(int fd, int ifindex, char name[16]);
int clinux_link_type(int fd, const char *name, uint16_t *hardwareType);
