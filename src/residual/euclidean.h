/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#ifndef CAUSTIC_EUCLIDEAN_H
#define CAUSTIC_EUCLIDEAN_H

#include <caustic/residual.h>

/* As caustic_verify_euclidean, with the kernel's loss multiplied by a factor: a planted error for tests. */
void verify_euclidean_planted(caustic_residual_result_t result, const caustic_reduction_t reduction, const caustic_expr * given,
    const caustic_residual_options * options, const fmpq_t kernel_factor);
/* As caustic_verify_cover, in the same way. */
void verify_cover_planted(caustic_residual_result_t result, const caustic_reduction_t reduction, const char * kind,
    const caustic_expr * given, slong length, const caustic_residual_options * options, const fmpq_t kernel_factor);

#endif
