/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    well: a box of feet around a minimum of the focal time on which it is strictly convex [FOCAL-20].
*/

#include <flint/fmpq_vec.h>
#include "focal/focal_internal.h"

void focal_well_init(focal_well * well, slong feet)
{
    well->lower = _fmpq_vec_init(feet);
    well->upper = _fmpq_vec_init(feet);
    arb_init(well->time);
}

void focal_well_clear(focal_well * well, slong feet)
{
    _fmpq_vec_clear(well->lower, feet);
    _fmpq_vec_clear(well->upper, feet);
    arb_clear(well->time);
}

typedef struct
{
    const caustic_focal_problem * problem;
    const caustic_focal_jets * jets;
    slong left;     /* parts that may still be looked at */
} convexity;

#define STEPS 300

/* Sides are halved so often. */
#define SMALLEST 4

#define BITS 64

/* The Hessian is positive definite at all points of the box. */
static int is_convex_at_once(const convexity * c, const fmpq * lower, const fmpq * upper)
{
    slong n = c->problem->feet;
    caustic_focal_options options = {NULL, STEPS, 1, 2 * BITS};
    arb_ptr foot = _arb_vec_init(n), gradient = _arb_vec_init(n);
    arb_mat_t hessian;
    caustic_focal_t focal;
    caustic_error_t error;
    int convex;

    arb_mat_init(hessian, n, n);
    caustic_focal_init(focal);
    caustic_error_init(error);
    focal_box_balls(foot, lower, upper, n, 2 * BITS);
    /* what was found holds, also where it is not known to the digits */
    convex = (caustic_focal_integrate(focal, c->problem, foot, &options, error) == CAUSTIC_OK || focal->found)
        && caustic_focal_derivatives(gradient, hessian, c->jets, foot, focal->time, BITS, error) == CAUSTIC_OK
        && caustic_form_is_positive(NULL, hessian, BITS) == T_TRUE;
    _arb_vec_clear(foot, n);
    _arb_vec_clear(gradient, n);
    arb_mat_clear(hessian);
    caustic_focal_clear(focal);
    caustic_error_clear(error);
    return convex;
}

/* The same by parts: where a part is not seen to be convex, its halves across the side of `across`, then the next one. */
static int is_convex(convexity * c, const fmpq * lower, const fmpq * upper, slong across, slong depth)
{
    slong n = c->problem->feet;
    fmpq * middle;
    int convex;

    if (c->left-- <= 0)
    {
        return 0;
    }
    if (is_convex_at_once(c, lower, upper))
    {
        return 1;
    }
    if (depth == 0)
    {
        return 0;
    }
    middle = _fmpq_vec_init(n);
    focal_copy(middle, upper, n);
    fmpq_add(middle + across, lower + across, upper + across);
    fmpq_div_2exp(middle + across, middle + across, 1);
    convex = is_convex(c, lower, middle, (across + 1) % n, depth - 1);
    if (convex)
    {
        fmpq_t cut;
        fmpq_init(cut);
        fmpq_set(cut, middle + across);
        focal_copy(middle, lower, n);
        fmpq_set(middle + across, cut);
        convex = is_convex(c, middle, upper, (across + 1) % n, depth - 1);
        fmpq_clear(cut);
    }
    _fmpq_vec_clear(middle, n);
    return convex;
}

/* The small parts at the corners, where a box that is too large shows first: cheaper than all of it. */
static int corners_are_convex(const convexity * c, const fmpq * lower, const fmpq * upper)
{
    slong n = c->problem->feet, corner, k;
    fmpq * low = _fmpq_vec_init(n), * high = _fmpq_vec_init(n);
    fmpq_t side;
    int convex = 1;

    fmpq_init(side);
    for (corner = 0; corner < (WORD(1) << n) && convex; corner++)
    {
        focal_copy(low, lower, n);
        focal_copy(high, upper, n);
        for (k = 0; k < n; k++)
        {
            fmpq_sub(side, upper + k, lower + k);
            fmpq_div_2exp(side, side, SMALLEST);
            if ((corner >> k) & 1)
            {
                fmpq_sub(low + k, upper + k, side);
            }
            else
            {
                fmpq_add(high + k, lower + k, side);
            }
        }
        convex = is_convex_at_once(c, low, high);
    }
    fmpq_clear(side);
    _fmpq_vec_clear(low, n);
    _fmpq_vec_clear(high, n);
    return convex;
}

/* The place, to 40 bits, and to each side of it a part (3/4)^level of the box, inside the box. */
static void set_sides(focal_well * well, const caustic_interval_struct * box, const caustic_focal_minimum_t minimum, slong level)
{
    slong k;
    fmpq_t centre, reach, part;
    arf_t place;

    fmpq_init(part);
    fmpq_set_si(part, 3, 4);
    fmpq_pow_si(part, part, level);
    fmpq_init(centre);
    fmpq_init(reach);
    arf_init(place);
    for (k = 0; k < minimum->feet; k++)
    {
        arf_set_round(place, arb_midref(minimum->at + k), 40, ARF_RND_NEAR);
        arf_get_fmpq(centre, place);
        fmpq_sub(reach, box[k].upper, box[k].lower);
        fmpq_mul(reach, reach, part);
        fmpq_sub(well->lower + k, centre, reach);
        fmpq_add(well->upper + k, centre, reach);
        if (fmpq_cmp(well->lower + k, box[k].lower) < 0)
        {
            fmpq_set(well->lower + k, box[k].lower);
        }
        if (fmpq_cmp(well->upper + k, box[k].upper) > 0)
        {
            fmpq_set(well->upper + k, box[k].upper);
        }
    }
    fmpq_clear(part);
    fmpq_clear(centre);
    fmpq_clear(reach);
    arf_clear(place);
}

/* Whether the minimiser lies in it. */
static int holds(const focal_well * well, const caustic_focal_minimum_t minimum)
{
    slong k, prec = 4 * BITS;
    int inside = 1;
    arb_t end;
    arb_init(end);
    for (k = 0; k < minimum->feet && inside; k++)
    {
        arb_set_fmpq(end, well->lower + k, prec);
        inside = arb_ge(minimum->at + k, end);
        arb_set_fmpq(end, well->upper + k, prec);
        inside = inside && arb_le(minimum->at + k, end);
    }
    arb_clear(end);
    return inside;
}

/* From the whole box to a thousandth of it. */
#define FIRST_LEVEL 0
#define LAST_LEVEL 24

#define MOST_PARTS 150

int focal_well_find(focal_well * well, const caustic_focal_problem * problem, const caustic_interval_struct * box,
    const caustic_focal_minimum_t minimum)
{
    slong n = problem->feet, level;
    caustic_error_t error;
    caustic_focal_jets * jets;
    int found = 0;

    caustic_error_init(error);
    jets = caustic_focal_jets_new(problem, 2, error);
    for (level = FIRST_LEVEL; level <= LAST_LEVEL && jets != NULL && !found; level++)
    {
        convexity c = {problem, jets, MOST_PARTS};
        set_sides(well, box, minimum, level);
        found = holds(well, minimum) && corners_are_convex(&c, well->lower, well->upper)
            && is_convex(&c, well->lower, well->upper, 0, SMALLEST * n);
    }
    arb_set(well->time, minimum->time);
    caustic_focal_jets_free(jets);
    caustic_error_clear(error);
    return found;
}
