// How much there is in a namespace of what people make, for quotas. No value is built for an entry.

import CMnl
import Glibc
import IPRoute

extension NetlinkSocket {
    /// Routes in all tables but those the kernel makes itself.
    public func countRoutes() throws(NetlinkError) -> Int {
        var count = 0
        for family in Family.allCases {
            count += try dump(.listRoutes(family: family)).count { reply in
                // Without IPv6 the kernel lists what it has instead.
                guard let header = reply.header(rtmsg()), header.rtm_family == family.number else { return false }
                return !RouteProtocol(header.rtm_protocol).isAutomatic
            }
        }
        return count
    }

    /// Nexthop objects; the kernel makes none by itself.
    public func countNexthops() throws(NetlinkError) -> Int {
        do {
            return try dump(.listNexthops()).count
        } catch  where error.isUnsupported {
            return 0  // before Linux 5.3
        }
    }

    /// Rules but those the kernel makes itself.
    public func countRules() throws(NetlinkError) -> Int {
        var count = 0
        for family in Family.allCases {
            count += try dump(.listRules(family: family)).count { reply in
                guard let (header, attributes) = reply.body(fib_rule_hdr()), header.family == family.number
                else { return false }
                return attributes[FRA_PROTOCOL]?.uint8 != RouteProtocol.kernel.number
            }
        }
        return count
    }

    /// Permanent neighbours and proxies; the kernel sees to the number of the others (arp(7), gc_thresh3).
    public func countNeighbours() throws(NetlinkError) -> Int {
        let permanent = try dump(.listNeighbours()).count { reply in
            guard let header = reply.header(ndmsg()), Family(number: header.ndm_family) != nil else { return false }
            return header.ndm_state & NeighbourState.permanent.bit != 0
        }
        return try permanent + dump(.listNeighbours(proxies: true)).count
    }

    /// Addresses but those the kernel makes itself.
    public func countAddresses() throws(NetlinkError) -> Int {
        let marked = kernelMarksItsAddresses
        return try dump(.listAddresses(family: nil, index: nil)).count { $0.isAddressOfPeople(kernelMarksIts: marked) }
    }
}

extension NetlinkReply {
    /// An address that somebody gave. The kernel does not mark lo's 127.0.0.1/8 as its own (seen on 6.18); where it
    /// marks none, IPv6's are told by what they are: lo's ::1 and link-local ones.
    func isAddressOfPeople(kernelMarksIts marked: Bool) -> Bool {
        guard let (header, attributes) = body(ifaddrmsg()), let family = Family(number: header.ifa_family)
        else { return false }
        if let origin = attributes[IFA_PROTO]?.uint8 {
            return ![IFAPROT_KERNEL_LO, IFAPROT_KERNEL_RA, IFAPROT_KERNEL_LL].contains(CInt(origin))
        }
        // lo is the first device of every namespace (LOOPBACK_IFINDEX, the kernel's include/net/net_namespace.h).
        let isOnLoopback = header.ifa_index == 1
        switch family {
        case .inet:
            return
                !(isOnLoopback && header.ifa_prefixlen == 8
                && attributes.ipAddress(IFA_LOCAL, family) == IPAddress("127.0.0.1"))
        case .inet6:
            let address = attributes.ipAddress(IFA_LOCAL, family) ?? attributes.ipAddress(IFA_ADDRESS, family)
            return marked || !(isOnLoopback && address?.isLoopback == true || address?.isLinkLocal == true)
        }
    }
}

/// IFA_PROTO came with Linux 5.18: from then on an IPv6 address without it is somebody's.
private let kernelMarksItsAddresses: Bool = {
    var name = utsname()
    guard unsafe uname(&name) == 0 else { return false }
    let release = unsafe withUnsafeBytes(of: name.release) {
        unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
    let numbers = release.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
    return numbers.count == 2 && (numbers[0], numbers[1]) >= (5, 18)
}()
