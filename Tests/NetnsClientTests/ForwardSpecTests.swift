// What may be written for forwarding, and what it means.

import NetnsClient
import Testing

private func text(_ spec: ForwardSpec?) -> String? {
    guard let spec else { return nil }
    let bind =
        switch spec.bind {
        case .loopback: "loopback"
        case .any: "any"
        case .address(let address): "\(address)"
        }
    return "\(bind) \(spec.listenPort) \(spec.netns) \(spec.target) \(spec.transport.rawValue)"
}

@Suite struct ForwardSpecTests {
    @Test(arguments: [
        ("8080:server:80", "loopback 8080 server 127.0.0.1:80 tcp"),
        ("8080:server:80/tcp", "loopback 8080 server 127.0.0.1:80 tcp"),
        ("5353:server:53/udp", "loopback 5353 server 127.0.0.1:53 udp"),
        ("0:server:80", "loopback 0 server 127.0.0.1:80 tcp"),
        ("*:8080:server:80", "any 8080 server 127.0.0.1:80 tcp"),
        ("localhost:8080:server:80", "loopback 8080 server 127.0.0.1:80 tcp"),
        ("10.0.0.1:8080:server:80", "10.0.0.1 8080 server 127.0.0.1:80 tcp"),
        ("[::1]:8080:server:80", "::1 8080 server 127.0.0.1:80 tcp"),
        ("8080:server:10.0.0.2:80", "loopback 8080 server 10.0.0.2:80 tcp"),
        ("8080:server:[fd00::2]:80", "loopback 8080 server [fd00::2]:80 tcp"),
        ("8080:alice:server:80", "loopback 8080 alice:server 127.0.0.1:80 tcp"),
        ("[::]:8080:alice:server:[fd00::2]:80/udp", ":: 8080 alice:server [fd00::2]:80 udp"),
        // A name may look like an address, where there is no other.
        ("8080:10.0.0.2:80", "loopback 8080 10.0.0.2 127.0.0.1:80 tcp"),
    ])
    func inward(_ word: String, _ meaning: String) {
        #expect(text(ForwardSpec(word, .inward)) == meaning)
    }

    @Test(arguments: [
        ("server:8080:80", "loopback 8080 server 127.0.0.1:80 tcp"),
        ("server:8080:example.org:80", "loopback 8080 server example.org:80 tcp"),
        ("server:8080:192.0.2.1:53/udp", "loopback 8080 server 192.0.2.1:53 udp"),
        ("server:*:8080:80", "any 8080 server 127.0.0.1:80 tcp"),
        ("server:10.0.0.1:8080:[::1]:80", "10.0.0.1 8080 server [::1]:80 tcp"),
        ("alice:server:8080:80", "loopback 8080 alice:server 127.0.0.1:80 tcp"),
        ("alice:server:[fd00::1]:0:localhost:80", "fd00::1 0 alice:server localhost:80 tcp"),
    ])
    func outward(_ word: String, _ meaning: String) {
        #expect(text(ForwardSpec(word, .outward)) == meaning)
    }

    @Test(arguments: [
        "", ":", "8080", "8080:server", "server:80", "8080:server:0", "8080:server:65536", "65536:server:80",
        "8080:server:+80", "8080:server: 80", "8080:server:80:90", "8080::80", "8080:server:[fd00::2:80",
        "8080:server:fd00::2:80",
        "8080:server:[10.0.0.2]:80", "8080:[server]:80", "8080:ser/ver:80", "8080:server:80/sctp", "x:8080:server:80",
        "8080:server:*:80", "8080:server:80:", "1:2:3:4:5:6:7", "[::1]8080:server:80",
    ])
    func whatIsNoneIsRefused(_ word: String) {
        #expect(ForwardSpec(word, .inward) == nil)
    }

    @Test(arguments: [
        "", "server", "server:80", "server:80:0", "server:80:a:b:80", "server:80:[x]:80", "server::80",
        "server:80:90:100:110",
    ])
    func whatIsNoneOutwardIsRefused(_ word: String) {
        #expect(ForwardSpec(word, .outward) == nil)
    }

    @Test func addressesAreWrittenAndCompared() {
        let address = SocketAddress(IPAddress("fd00::1")!, 8080)
        #expect(address.description == "[fd00::1]:8080")
        #expect(address.port == 8080 && address.family == .inet6 && address.address == IPAddress("fd00::1"))
        #expect(SocketAddress(IPAddress("10.0.0.1")!, 80).description == "10.0.0.1:80")
        #expect(address != SocketAddress(IPAddress("fd00::1")!, 8081))
    }
}
