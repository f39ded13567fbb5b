/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    never: that no characteristic of a box has a focal time, where no sectional curvature is positive: geodesics drift apart at least as
    in flat space [FOCAL-10], [FOCAL-16], [FOCAL-18].
*/

#include "flat.h"

/* Pieces for a proof that there is no focal time. */
#define NEVER_LIMIT 5000

/* lambda_t - 1/t >= 0 on the box for one time (NULL: the Hessian's smallest eigenvalue): where no sectional curvature is positive, no characteristic
   ever focuses. [FOCAL-10] */
static int
is_nowhere_negative(caustic_shock_result_t result, flat_t flat, const arb_struct * time)
{
    const hessian_struct * hessian = flat->hessian;
    int never = 1;

    for (slong i = 0; i < hessian->blocks; i++)
        hessian->block[i].pencil->time = time;
    flat_forget(flat);
    arf_zero(flat->ceiling);
    for (slong i = 0; i < hessian->blocks && never; i++)
    {
        flat_start(flat, i);
        flat->descents[i].limit = FLINT_MIN(flat->descents[i].limit, NEVER_LIMIT);
        never = descent_run(flat->descents + i) == DESCENT_RESOLVED;
        descent_refine(flat->descents + i, flat->goal + SEARCH_PRECISION);
        never = never && arf_is_zero(flat->descents[i].floor);
        result->cells += flat->descents[i].pieces;
    }
    return never;
}

/* Proves that no characteristic of the box has a focal time, if it can. */
int
never_prove(caustic_shock_result_t result, flat_t flat)
{
    static const slong exponents[] = {0, 3, 10};
    int none = 0;
    arb_t time;

    arb_init(time);
    for (size_t i = 0; i < (flat->hessian->general ? 1 : sizeof(exponents) / sizeof(exponents[0])) && !none && flat->hessian->curvature_sign < 0; i++)
    {
        arb_one(time);
        arb_mul_2exp_si(time, time, exponents[i]);
        none = is_nowhere_negative(result, flat, i == 0 ? NULL : time);
        if (none)
            caustic_text_append(flat->hessian->detail, i == 0 ? "no focal time: no sectional curvature is positive, and the Hessian is nowhere"
                " negative on the box, by branch and bound" : "no focal time: no sectional curvature is positive, and the Hessian is nowhere so"
                " negative that geodesics that drift apart would meet, by branch and bound");
    }
    if (none)
        result->verdict = CAUSTIC_PROVED;
    flat_forget(flat);
    arb_clear(time);
    return none;
}

int
flat_has_finite_blocks(flat_t flat)
{
    for (slong i = 0; i < flat->hessian->blocks; i++)
        if (!flat_has_finite_region(flat->hessian, flat->hessian->block + i))
        {
            caustic_text_append(flat->hessian->detail, "the box is infinite in a coordinate that the focal time depends on; take a finite box");
            return 0;
        }
    return 1;
}

/* Whether nothing focuses, for any curvature that is nowhere positive; else nothing is known. */
int
never_solve(caustic_shock_result_t result, flat_t flat)
{
    int none;

    flat_make_room(flat);
    flat->goal = SEARCH_PRECISION;
    none = flat_has_finite_blocks(flat) && never_prove(result, flat);
    if (!none)
        caustic_text_append(flat->hessian->detail, "that there is no focal time could not be proved");
    return none;
}
