/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    What FLINT 3.1 calls otherwise. configure has the compiler read this before every file where the
    installed FLINT needs it; no file includes it by itself.
*/

#ifndef CAUSTIC_FLINT_COMPATIBILITY_H
#define CAUSTIC_FLINT_COMPATIBILITY_H

#include <flint/flint.h>
#include <flint/ulong_extras.h>
/* gr.h declares less without these two. */
#include <flint/mpoly.h>
#include <flint/fmpz_mpoly_q.h>
#include <flint/gr.h>

#define flint_rand_init flint_randinit
#define flint_rand_clear flint_randclear
#define flint_rand_set_seed flint_randseed

/* These returned nothing. */
#define gr_stream_write(out, string) (gr_stream_write(out, string), GR_SUCCESS)
#define gr_stream_write_free(out, string) (gr_stream_write_free(out, string), GR_SUCCESS)

#endif
