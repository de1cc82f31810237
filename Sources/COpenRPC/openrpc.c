// The protocol's description as bytes: C's #embed (C23, section 6.10.4) does what Swift has no word for.

#include "COpenRPC.h"

// The package is compiled as C17, to which clang lends #embed with a warning.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char document[] = {
#embed "../../protocol/openrpc.json"
};

const unsigned char *copenrpc_document(size_t *length) {
    *length = sizeof document;
    return document;
}
