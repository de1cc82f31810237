// The protocol's own description, protocol/openrpc.json, carried inside the agent for `rpc.discover`.

#ifndef NETNSD_COPENRPC_H
#define NETNSD_COPENRPC_H

#include <stddef.h>

/// The document's bytes: UTF-8, no NUL at the end.
extern const unsigned char copenrpc_document[];
extern const size_t copenrpc_document_length;

#endif
