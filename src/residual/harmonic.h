/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

/* How a quotient is a circle, or a sphere with a loss that is a function of one coordinate of the ambient space. */

#ifndef CAUSTIC_HARMONIC_H
#define CAUSTIC_HARMONIC_H

#include "solution.h"

typedef struct
{
    slong sphere;        /* n of S^(n-1); 2: the circle */
    fmpq_t rate;         /* L = rate d^2/dangle^2 on the circle; 1 on spheres */
    caustic_expr map;    /* on the circle the angle, on a sphere x = cos(angle), in the quotient's coordinates */
    caustic_expr tangent;/* of half the angle, on the circle */
    caustic_expr symbol; /* of near and far */
    caustic_expr near;   /* the loss as caustic_angular_init takes it */
    caustic_expr far;
    int constant;        /* the loss is a constant, proved */
    caustic_text_t proof;/* what was proved, in words */
}
harmonic_form_struct;

typedef harmonic_form_struct harmonic_form_t[1];

/* Proves the form: PROVED, or REFUTED or UNDECIDED with the reason. given is the map of the case: on the circle the length
   along it, or CAUSTIC_NONE; on a sphere x. The loss is one in the quotient's coordinates alone. */
caustic_verdict harmonic_form_init(harmonic_form_t form, caustic_text_t why, const caustic_reduction_struct * reduction,
    const char * kind, caustic_expr given, caustic_expr loss);
void harmonic_form_clear(harmonic_form_t form);

/* Whether the map, in `length` symbols with the given operator, is an angle of this rate, or a coordinate of this sphere [HEAT-20]
   [HEAT-26]; the reason otherwise. */
truth_t is_harmonic_map(caustic_text_t why, caustic_expr map, const caustic_expr * symbols, slong length,
    const caustic_expr * cometric, const caustic_expr * drift, const harmonic_form_t form, gr_ctx_t ctx);

/* e with cos(2k atan(y)) and sin(2k atan(y)), k an integer, as rational functions of y [HEAT-28]. */
caustic_expr without_angles(caustic_pool * pool, caustic_expr e);

#endif
