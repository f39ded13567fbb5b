/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    What a fuzz target provides: libFuzzer's entry, and for our own driver where to start from.
*/

#ifndef CAUSTIC_FUZZ_H
#define CAUSTIC_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t * data, size_t size);

/* Files and directories, ended by NULL, and a file of words, seen from the top of the sources. */
extern const char * const fuzz_corpus[];
extern const char * const fuzz_dictionary;

#endif
