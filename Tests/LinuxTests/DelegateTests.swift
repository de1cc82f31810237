// Delegated network namespaces as netnsd-spawn makes them: whose they are, what fails, what is left.

import CLinux
import Descriptors
import Glibc
import SystemPackage
import Testing

@testable import Linux

@Suite struct DelegateTests {
    private let spawner: TestSpawner

    init() throws { spawner = try TestSpawner() }

    /// A namespace of alice's, or why there is none.
    private func make(
        _ owner: SpawnRequest.Owner = alice, in user: SharedDescriptor? = nil, failing step: SpawnStep? = nil,
        limits: [ResourceLimit] = []
    ) throws -> SharedDescriptor {
        var request = DelegateRequest(
            id: spawner.request(["none"]).id, owner: owner, limits: limits, userNamespace: user)
        request.fault = step
        let id = request.id
        try spawner.connection.request(request)
        let outcome: Result<SharedDescriptor, Failure> = try spawner.wait { event in
            switch event {
            case .made(id, let namespace): .success(namespace)
            case .failed(id, let step, let errno): .failure(Failure(step: step, errno: errno))
            default: nil
            }
        }
        return try outcome.get()
    }

    private struct Failure: Error, Equatable {
        let step: SpawnStep
        let errno: Errno
    }

    private func userNamespace(of namespace: SharedDescriptor) throws -> SharedDescriptor {
        SharedDescriptor(try UserNamespace(owning: NetworkNamespace(copying: namespace)).intoDescriptor())
    }

    /// Its processes have ended and its descriptors are closed.
    private func spawnerRests() throws -> Bool {
        for _ in 0..<1000 {
            let pid = spawner.connection.pid
            if try children(of: pid) == 0 && descriptors(of: pid).count == TestSpawner.restingDescriptors {
                return true
            }
            sleepMilliseconds(10)
        }
        return false
    }

    @Test func itBelongsToAUserNamespaceOfTheOwners() throws {
        let namespace = try make()
        let user = try UserNamespace(owning: NetworkNamespace(copying: namespace))
        #expect(try user.ownerUID() == alice.uid)
        #expect(try user.identity() != UserNamespace.own)
        #expect(try spawnerRests())
    }

    @Test func theNextIsMadeInTheSame() throws {
        let user = try userNamespace(of: make())
        let second = try make(in: user)
        #expect(try NamespaceIdentity(of: userNamespace(of: second)) == NamespaceIdentity(of: user))
        #expect(try spawnerRests())
    }

    @Test func anothersUserNamespaceIsNotEntered() throws {
        let user = try userNamespace(of: make())
        #expect(throws: Failure(step: .userNamespace, errno: .notPermitted)) { try make(bob, in: user) }
        #expect(try spawnerRests())
    }

    @Test func whatIsNoUserNamespaceIsRefused() throws {
        #expect(throws: Failure(step: .userNamespace, errno: .invalidArgument)) { try make(in: spawner.namespace) }
        #expect(try spawnerRests())
    }

    @Test func moreGroupsThanAMapHolds() throws {
        let many = SpawnRequest.Owner(uid: alice.uid, gid: alice.gid, groups: (0..<1000).map { 4_000_000_000 + $0 })
        #expect(try UserNamespace(owning: NetworkNamespace(copying: make(many))).ownerUID() == alice.uid)
    }

    @Test(
        .enabled(if: clinux_spawn_faults),
        arguments: [
            CLINUX_SPAWN_STEP_PIPE, CLINUX_SPAWN_STEP_SETRLIMIT, CLINUX_SPAWN_STEP_SETRESGID,
            CLINUX_SPAWN_STEP_SETRESUID, CLINUX_SPAWN_STEP_CAPSET, CLINUX_SPAWN_STEP_USERNS, CLINUX_SPAWN_STEP_NETNS,
            CLINUX_SPAWN_STEP_MAPS, CLINUX_SPAWN_STEP_OPEN,
        ].map(\.rawValue))
    func aStepThatFailsLeavesNothing(_ number: UInt32) throws {
        let step = SpawnStep(rawValue: number)
        #expect(throws: Failure(step: step, errno: .notPermitted)) {
            try make(failing: step, limits: [ResourceLimit(.processes, soft: 10_000, hard: 10_000)])
        }
        #expect(try spawnerRests())
        #expect(try UserNamespace(owning: NetworkNamespace(copying: make())).ownerUID() == alice.uid)
    }

    @Test func aKilledProcessIsAFailure() throws {
        // It may be done before it is killed: either answer is one, and none is left out.
        for _ in 0..<20 {
            let request = DelegateRequest(
                id: spawner.request(["none"]).id, owner: alice, limits: [], userNamespace: nil)
            try spawner.connection.request(request)
            try spawner.connection.cancel(id: request.id)
            let id = request.id
            let isAnswered: Bool = try spawner.wait { event in
                switch event {
                case .made(id, _): true
                case .failed(id, SpawnStep.networkNamespace, Errno(rawValue: ECHILD)): true
                default: nil
                }
            }
            #expect(isAnswered)
        }
        #expect(try spawnerRests())
    }
}
