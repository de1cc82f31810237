// libFuzzer as a library (https://llvm.org/docs/LibFuzzer.html, "Using libFuzzer as a library"); LLVM ships no header
// that declares its entry.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// Runs `target` on inputs until it crashes or its time is up, as the arguments say; returns the exit status.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*target)(const uint8_t *data, size_t size));
