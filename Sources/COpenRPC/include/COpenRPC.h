// The protocol's own description, protocol/openrpc.json, carried inside the agent for `rpc.discover`.

#ifndef NETNSD_COPENRPC_H
#define NETNSD_COPENRPC_H

#include <stddef.h>

/// The document's bytes: UTF-8, no NUL at the end. A function, because Swift imports no array of unknown length.
const unsigned char *copenrpc_document(size_t *length);

#endif
