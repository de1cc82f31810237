// `ip -s link`: what went in and out, in columns as wide as their values need.

import NetnsClient

extension Printer {
    func linkStatistics(_ statistics: LinkStatistics) {
        isJSON ? statisticsInJSON(statistics) : statisticsInText(statistics)
    }

    private func statisticsInJSON(_ statistics: LinkStatistics) {
        let (rx, tx) = (statistics.rx, statistics.tx)
        openObject("stats64")
        openObject("rx")
        counters([
            ("bytes", rx.bytes), ("packets", rx.packets), ("errors", rx.errors), ("dropped", rx.dropped),
            ("over_errors", rx.overErrors), ("multicast", rx.multicast),
        ])
        if style.statistics > 1 {
            counters([
                ("length_errors", rx.lengthErrors ?? 0), ("crc_errors", rx.crcErrors ?? 0),
                ("frame_errors", rx.frameErrors ?? 0), ("fifo_errors", rx.fifoErrors ?? 0),
                ("missed_errors", rx.missedErrors ?? 0),
            ])
        }
        closeObject()
        openObject("tx")
        counters([
            ("bytes", tx.bytes), ("packets", tx.packets), ("errors", tx.errors), ("dropped", tx.dropped),
            ("carrier_errors", tx.carrierErrors), ("collisions", tx.collisions),
        ])
        if style.statistics > 1 {
            counters([
                ("aborted_errors", tx.abortedErrors ?? 0), ("fifo_errors", tx.fifoErrors ?? 0),
                ("window_errors", tx.windowErrors ?? 0), ("heartbeat_errors", tx.heartbeatErrors ?? 0),
                ("carrier_changes", tx.carrierChanges ?? 0),
            ])
        }
        closeObject()
        closeObject()
    }

    private func counters(_ counters: [(String, UInt64)]) {
        for (key, value) in counters { json(key, raw: String(value)) }
    }

    private func statisticsInText(_ statistics: LinkStatistics) {
        let (rx, tx) = (statistics.rx, statistics.tx)
        let received = [rx.bytes, rx.packets, rx.errors, rx.dropped, rx.missedErrors ?? 0, rx.multicast]
        let sent = [tx.bytes, tx.packets, tx.errors, tx.dropped, tx.carrierErrors, tx.collisions]
        var rows = [received, sent]
        let detailed = style.statistics > 1
        let receiveErrors = [
            0, rx.lengthErrors ?? 0, rx.crcErrors ?? 0, rx.frameErrors ?? 0, rx.fifoErrors ?? 0, rx.overErrors,
        ]
        let sendErrors = [
            0, tx.abortedErrors ?? 0, tx.fifoErrors ?? 0, tx.windowErrors ?? 0, tx.heartbeatErrors ?? 0,
            tx.carrierChanges ?? 0,
        ]
        if detailed { rows += [receiveErrors, sendErrors] }

        // iproute2's least widths: those of `*X errors:`, packets, errors, dropped, heartbt, overrun, compressed.
        var widths = [10, 7, 6, 7, 7, 7, 10]
        for row in rows {
            for (column, value) in row.enumerated() { widths[column] = max(widths[column], String(value).utf8.count) }
        }
        counterTable("RX", ["bytes", "packets", "errors", "dropped", "missed", "mcast"], received, widths)
        if detailed { errorTable("RX", ["length", "crc", "frame", "fifo", "overrun"], receiveErrors, widths) }
        text(lineBreak)
        counterTable("TX", ["bytes", "packets", "errors", "dropped", "carrier", "collsns"], sent, widths)
        if detailed { errorTable("TX", ["aborted", "fifo", "window", "heartbt", "transns"], sendErrors, widths) }
    }

    private func counterTable(_ direction: String, _ names: [String], _ values: [UInt64], _ widths: [Int]) {
        let heads = zip(names, [widths[0] - 4] + widths[1...]).map { $0.indented($1) }
        text("    \(direction): " + heads.joined(separator: " ") + " " + "".indented(widths[6]) + lineBreak)
        text("    " + zip(values, widths).map { String($0).indented($1) + " " }.joined())
    }

    private func errorTable(_ direction: String, _ names: [String], _ values: [UInt64], _ widths: [Int]) {
        let heads = zip(names, widths[1...]).map { $0.indented($1) }
        text(lineBreak + "    \(direction) errors:" + "".indented(widths[0] - 10) + " " + heads.joined(separator: " "))
        text(lineBreak + "".indented(widths[0] + 5))
        text(zip(values, widths).dropFirst().map { String($0).indented($1) + " " }.joined())
    }
}
