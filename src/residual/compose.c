/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    compose: solutions that are functions of one map of the coordinates, and of time.
*/

#include "solution.h"

caustic_tape *
tape_of_map(caustic_expr map, const caustic_setting_struct * setting)
{
    caustic_pool * pool = setting->pool;
    slong d = setting->coordinates, length = 1, first = 0;
    caustic_expr * roots = flint_malloc((size_t) (1 + d + d * d + d * d * d) * sizeof(caustic_expr));
    caustic_tape * tape;

    roots[0] = map;
    for (slong order = 1; order <= 3; order++)
    {
        slong end = length;

        for (slong k = first; k < end; k++)
            for (slong i = 0; i < d; i++)
                roots[length++] = caustic_derivative(pool, roots[k], setting->coordinate[i]);
        first = end;
    }
    tape = caustic_tape_new(pool, roots, length, setting->coordinate, d);
    flint_free(roots);
    return tape;
}

void
compose_derivatives(derivatives_t phi, arb_srcptr value, arb_srcptr s, slong prec)
{
    slong d = phi->dimension;
    arb_srcptr first = s + 1, second = first + d, third = second + d * d;
    arb_t term;

    arb_init(term);
    arb_set(phi->value, value);
    arb_set(phi->time, value + 4);
    for (slong i = 0; i < d; i++)
    {
        arb_mul(phi->first + i, value + 1, first + i, prec);
        arb_mul(phi->time_first + i, value + 5, first + i, prec);
        for (slong j = 0; j < d; j++)
        {
            slong ij = i * d + j;

            arb_mul(term, first + i, first + j, prec);
            arb_mul(phi->second + ij, value + 2, term, prec);
            arb_addmul(phi->second + ij, value + 1, second + ij, prec);
            for (slong k = 0; k < d; k++)
            {
                arb_ptr res = phi->third + ij * d + k;

                arb_mul(res, value + 3, term, prec);
                arb_mul(res, res, first + k, prec);
                arb_addmul(res, value + 1, third + ij * d + k, prec);
            }
        }
    }
    for (slong i = 0; i < d; i++)
        for (slong j = 0; j < d; j++)
            for (slong k = 0; k < d; k++)
            {
                arb_mul(term, second + i * d + j, first + k, prec);
                arb_addmul(term, second + i * d + k, first + j, prec);
                arb_addmul(term, second + j * d + k, first + i, prec);
                arb_addmul(phi->third + (i * d + j) * d + k, value + 2, term, prec);
            }
    arb_clear(term);
}
