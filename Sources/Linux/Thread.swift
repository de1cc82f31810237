// Threads of our own. Swift's shared pool must never be the one that enters a namespace: a pool thread that did was
// seen to run later, unrelated tasks in the wrong one.

import CLinux
import Descriptors
import Glibc
import SystemPackage

/// Starts a detached POSIX thread; `body` runs on it alone.
public func startThread(named name: String, _ body: @escaping @Sendable () -> Void) throws(SystemError) {
    final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    let box = unsafe Unmanaged.passRetained(Box(body))
    let error = unsafe pthread_create(&thread, nil, { argument in
        let box = unsafe Unmanaged<Box>.fromOpaque(argument!).takeRetainedValue()
        box.body()
        return nil
    }, box.toOpaque())
    guard error == 0 else {
        unsafe box.release()
        throw SystemError(Errno(rawValue: error), "pthread_create", name)
    }
    clinux_name_thread(thread, name)  // from here: it has its name when this returns
    pthread_detach(thread)
}

/// A value that threads share, and on whose change they can wait: a mutex and a condition (pthread_cond_wait(3)).
@safe public final class Monitor<Value: Sendable>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var value: Value

    public init(_ value: Value) {
        self.value = value
        unsafe pthread_mutex_init(mutex, nil)
        unsafe pthread_cond_init(condition, nil)
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    /// Changes the value; `wake` says whether one waiting thread should look again.
    public func change<Result>(wake: Bool = true, _ body: (inout Value) -> Result) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        let result = body(&value)
        if wake { unsafe pthread_cond_signal(condition) }
        return result
    }

    /// Waits until `body` takes something out of the value.
    public func take<Result>(_ body: (inout Value) -> Result?) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while true {
            if let result = body(&value) { return result }
            unsafe pthread_cond_wait(condition, mutex)
        }
    }
}
