/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    linear: products of matrices, for deep linear networks and attention heads.
*/

#ifndef CAUSTIC_LINEAR_H
#define CAUSTIC_LINEAR_H

#include "preset.h"

/* The factors W_1, ..., W_L of W_L ... W_1, width[l] x width[l-1] each, whose entries are parameters. */
typedef struct
{
    slong layers;
    const slong * width;
    preset_matrix weight[PRESET_LAYERS + 1];
    slong * index[PRESET_LAYERS + 1]; /* the parameters' numbers */
}
linear_factors;

/* Makes room for a product of such widths; 0, and refuses it at the option, where it is too large. */
int linear_begin(preset_writer * writer, slong option, const slong * width, slong layers) CAUSTIC_MUST_USE;
/* Writes all but the parameters, which have been declared and described by then. */
void linear_finish(preset_writer * writer, const linear_factors * given);

#endif
