// swift-tools-version: 6.2
// netnsd: real Linux network namespaces for people who are not root.

import PackageDescription

/// Warnings stop the build where NETNSD_STRICT is set, as CI does; a newer compiler must not break a user's build.
let strict = Context.environment["NETNSD_STRICT"] != nil
let common: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility"),
        // No await leaves the event loop for a thread of the shared pool.
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ]
    + (strict ? [.treatAllWarnings(as: .error)] : [])
/// For the targets that touch C (SE-0458): each use of a pointer says `unsafe`.
let touchesC = common + [.strictMemorySafety()]

let log = Target.Dependency.product(name: "Logging", package: "swift-log")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "netnsd",
    products: [
        .library(name: "NetnsClient", targets: ["NetnsClient"]),
        .executable(name: "netnsd", targets: ["netnsd"]),
        .executable(name: "netnsd-spawn", targets: ["netnsd-spawn"]),
        .executable(name: "netnsctl", targets: ["netnsctl"]),
        .executable(name: "netns-tools", targets: ["netns-tools"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.4.0"),
    ],
    targets: [
        // C: system libraries and what Swift cannot import.
        .systemLibrary(name: "CMnl", pkgConfig: "libmnl", providers: [.apt(["libmnl-dev"])]),
        .systemLibrary(name: "CJansson", pkgConfig: "jansson", providers: [.apt(["libjansson-dev"])]),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        // NETNSD_FAULTS: netnsd-spawn fails at a step that the request names; for tests.
        .target(name: "CLinux", cSettings: [.define("NETNSD_FAULTS", .when(configuration: .debug))]),
        // protocol/openrpc.json as bytes, for rpc.discover.
        .target(name: "COpenRPC"),

        // Shared by both halves.
        .target(name: "JSON", dependencies: ["CJansson", "CYAML"], swiftSettings: touchesC),
        .target(name: "IPRoute", swiftSettings: touchesC),
        .target(name: "Wire", dependencies: ["IPRoute", "JSON"], swiftSettings: common),

        .target(name: "Descriptors", dependencies: ["CLinux", system], swiftSettings: touchesC),

        // The privileged half.
        .target(name: "Linux", dependencies: ["CLinux", "Descriptors", system], swiftSettings: touchesC),
        .target(
            name: "Netlink", dependencies: ["CLinux", "CMnl", "Descriptors", "IPRoute", system], swiftSettings: touchesC
        ),
        .target(
            name: "Agent",
            dependencies: [
                "CLinux", "COpenRPC", "Descriptors", "IPRoute", "JSON", "Linux", "Netlink", "Wire", log, system,
            ],
            swiftSettings: touchesC),
        .executableTarget(name: "netnsd", dependencies: ["Agent"], swiftSettings: common),
        .executableTarget(name: "netnsd-spawn", dependencies: ["CLinux"], swiftSettings: touchesC),

        // The unprivileged half.
        .target(
            name: "OldCommands",
            dependencies: ["CLinux", "Descriptors", "IPRoute", "JSON", "NetnsClient", "Wire", system],
            swiftSettings: touchesC),
        .executableTarget(name: "netns-tools", dependencies: ["OldCommands"], swiftSettings: common),
        .target(
            name: "NetnsClient", dependencies: ["CLinux", "Descriptors", "IPRoute", "JSON", "Wire", system],
            swiftSettings: touchesC),
        .executableTarget(
            name: "netnsctl", dependencies: ["CLinux", "NetnsClient", arguments, system], swiftSettings: common),

        .testTarget(name: "JSONTests", dependencies: ["JSON"], swiftSettings: common),
        .testTarget(name: "IPRouteTests", dependencies: ["IPRoute", "JSON"], swiftSettings: common),
        .testTarget(name: "WireTests", dependencies: ["Wire", "IPRoute", "JSON"], swiftSettings: common),
        .testTarget(name: "LinuxTests", dependencies: ["Linux", "Descriptors"], swiftSettings: common),
        .testTarget(
            name: "NetlinkTests",
            dependencies: ["Netlink", "CLinux", "CMnl", "Descriptors", "IPRoute", "JSON", system],
            swiftSettings: common),
        .testTarget(
            name: "AgentTests", dependencies: ["Agent", "IPRoute", "JSON", "Linux", "Wire", log], swiftSettings: common),

        .testTarget(
            name: "NetnsClientTests", dependencies: ["CLinux", "NetnsClient", "Descriptors", system],
            swiftSettings: common),
        .testTarget(
            name: "OldCommandsTests", dependencies: ["OldCommands", "NetnsClient"], swiftSettings: common),
        .testTarget(
            name: "NetnsctlTests", dependencies: ["CLinux", "netnsctl", "NetnsClient", "Linux"],
            exclude: ["Golden"],
            swiftSettings: common),
    ]
)

// contrib/fuzz builds these, with libFuzzer on the linker's command line.
if Context.environment["NETNSD_FUZZ"] != nil {
    package.targets += [
        .systemLibrary(name: "CLibFuzzer", path: "Tests/fuzz/CLibFuzzer"),
        .executableTarget(
            name: "netnsd-fuzz",
            dependencies: ["Agent", "CLibFuzzer", "IPRoute", "JSON", "Netlink", "NetnsClient", "Wire"],
            path: "Tests/fuzz", exclude: ["CLibFuzzer", "corpus", "words"], swiftSettings: touchesC),
    ]
}
