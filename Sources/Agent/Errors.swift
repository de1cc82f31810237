// The one mapping from what goes wrong inside to what a client is told.

import Descriptors
import JSON
import Netlink
import SystemPackage
import Wire

extension WireError {
    init(_ error: any Error) {
        switch error {
        case let error as WireError: self = error
        case let error as NetlinkError: self.init(error)
        case let error as SystemError: self.init(error)
        case let error as JSONError:
            var details = Details()
            details.place = error.place.isEmpty ? nil : error.place
            self.init(.invalidParams, error.description, details)
        case is NamespaceGone: self.init(.notFound, "there is no such network namespace any more")
        default: self.init(.internalError, "\(error)")
        }
    }

    private init(_ error: NetlinkError) {
        var details = Details()
        details.errno = error.errno.symbol
        details.operation = error.operation
        details.subject = error.subject.isEmpty ? nil : error.subject
        details.kernelMessage = error.kernelMessage
        let subject = error.subject.isEmpty ? "" : " \(error.subject)"
        let words = error.kernelMessage ?? "\(error.errno)"
        let text = "\(error.operation)\(subject): \(words) (\(error.errno.symbol))"
        switch error.errno {
        case .fileExists: self.init(.alreadyExists, "it is there already: \(text)", details)
        case .operationNotSupportedByDevice, .noSuchProcess, .noSuchAddressOrDevice, .addressNotAvailable,
            .noSuchFileOrDirectory:
            self.init(.notFound, "the kernel does not have it: \(text)", details)
        case _ where error.isUnsupported:
            self.init(.unsupported, "this kernel, or this link, cannot do it: \(text)", details)
        default: self.init(.kernel, "the kernel refused \(text)", details)
        }
    }

    private init(_ error: SystemError) {
        var details = Details()
        details.errno = error.errno.symbol
        details.operation = error.operation
        self.init(.kernel, "the system refused \(error) (\(error.errno.symbol))", details)
    }
}
