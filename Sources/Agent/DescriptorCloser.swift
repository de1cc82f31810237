// Closing what strangers sent: close(2) can block, so a thread of its own does it.

import Glibc
import Linux

enum DescriptorCloser {
    private static let queue: Monitor<[CInt]>? = {
        let queue = Monitor<[CInt]>([])
        do {
            try startThread(named: "netnsd-closer") {
                while true {
                    let descriptors = queue.take { $0.isEmpty ? nil : exchange(&$0, with: []) }
                    for descriptor in descriptors { _ = Glibc.close(descriptor) }
                }
            }
        } catch {
            return nil  // without a thread they are closed where they are let go of
        }
        return queue
    }()

    @Sendable static func close(_ descriptor: CInt) {
        guard let queue else { return _ = Glibc.close(descriptor) }
        queue.change { $0.append(descriptor) }
    }
}
