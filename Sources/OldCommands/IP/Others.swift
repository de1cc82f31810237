// Objects of which little is offered.

extension IP {
    func multicastAddress(_ words: Words) throws { throw Failure.notOffered("the object maddress") }
    func monitor(_ words: Words) throws {
        throw Failure.notOffered("the object monitor; netnsctl monitor shows changes")
    }
}
