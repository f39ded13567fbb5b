/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    solution: the minimiser of psi(y) - s y over the whole line.
*/

#include "base/ball.h"
#include "front_internal.h"

#define CELL_LIMIT 40000
#define SAMPLES 64
#define NEWTON_STEPS 400

/* A closed interval on which psi'' > 0: it has one minimiser at most. */
typedef struct
{
    arf_t lower;
    arf_t upper;
}
candidate_struct;

typedef struct
{
    const caustic_front_struct * front;
    arb_srcptr s;
    arb_srcptr t;
    slong prec;
    arf_t ceiling; /* min psi(y) - s y <= ceiling */
    candidate_struct * candidate;
    slong length;
    slong capacity;
}
minimum_struct;

/* psi(y) - s y and its derivatives. */
static void
objective_series(arb_ptr res, const minimum_struct * work, const arb_t y, slong length)
{
    psi_series(res, work->front, work->t, y, length, work->prec);
    arb_submul(res, work->s, y, work->prec);
    if (length > 1)
        arb_sub(res + 1, res + 1, work->s, work->prec);
}

static void
lower_ceiling(minimum_struct * work, const arb_t value)
{
    arf_t upper;

    arf_init(upper);
    arb_get_ubound_arf(upper, value, work->prec);
    if (arf_cmp(upper, work->ceiling) < 0) /* never for NaN */
        arf_set(work->ceiling, upper);
    arf_clear(upper);
}

static void
add_candidate(minimum_struct * work, const arf_t lower, const arf_t upper)
{
    candidate_struct * last;

    /* psi'' > 0 on both sides of a common end: one interval. */
    if (work->length > 0 && arf_equal(work->candidate[work->length - 1].upper, lower))
    {
        arf_set(work->candidate[work->length - 1].upper, upper);
        return;
    }
    if (work->length == work->capacity)
    {
        work->capacity = 2 * work->capacity + 8;
        work->candidate = flint_realloc(work->candidate, sizeof(candidate_struct) * work->capacity);
    }
    last = work->candidate + work->length++;
    arf_init(last->lower);
    arf_init(last->upper);
    arf_set(last->lower, lower);
    arf_set(last->upper, upper);
}

/* 1: no minimiser in the cell, or it has become a candidate. 0: it is to be cut. */
static int
settle_cell(void * data, const arf_t lower, const arf_t upper)
{
    minimum_struct * work = data;
    arb_ptr on = _arb_vec_init(5), at = on + 3;
    arb_t y, centre, offset;
    int settled;

    arb_init(y);
    arb_init(centre);
    arb_init(offset);
    arb_set_interval_arf(y, lower, upper, work->prec);
    objective_series(on, work, y, 3);
    settled = arb_is_finite(on + 1) && !arb_contains_zero(on + 1);
    if (!settled)
    {
        arb_get_mid_arb(centre, y);
        objective_series(at, work, centre, 2);
        lower_ceiling(work, at);
        arb_sub(offset, y, centre, work->prec);
        arb_addmul(at, at + 1, offset, work->prec);
        arb_sqr(offset, offset, work->prec);
        arb_addmul(at, on + 2, offset, work->prec);
        arb_sub_arf(at, at, work->ceiling, work->prec);
        settled = arb_is_positive(at);
    }
    if (!settled && arb_is_positive(on + 2))
    {
        add_candidate(work, lower, upper);
        settled = 1;
    }
    arb_clear(y);
    arb_clear(centre);
    arb_clear(offset);
    _arb_vec_clear(on, 5);
    return settled;
}

/* psi' increases on y: by its sign at the centre, the minimiser lies in one half. */
static int
take_half(arb_t y, const arb_t centre, const arb_t slope, slong prec)
{
    arf_t lower, upper;
    int decided = arb_is_positive(slope) || arb_is_negative(slope);

    arf_init(lower);
    arf_init(upper);
    arb_get_interval_arf(lower, upper, y, prec);
    if (decided)
        arb_set_interval_arf(y, arb_is_positive(slope) ? lower : arb_midref(centre),
            arb_is_positive(slope) ? arb_midref(centre) : upper, prec);
    arf_clear(lower);
    arf_clear(upper);
    return decided;
}

/* Interval Newton on a candidate, and bisection where that gains little. 0: it has no minimiser. */
static int
refine(arb_t y, arb_t value, const candidate_struct * candidate, minimum_struct * work)
{
    arb_ptr on = _arb_vec_init(5), at = on + 3;
    arb_t centre, newton;
    int exists = 1, narrowing = 1;

    arb_init(centre);
    arb_init(newton);
    arb_set_interval_arf(y, candidate->lower, candidate->upper, work->prec);
    for (slong k = 0; k < NEWTON_STEPS && exists && narrowing; k++)
    {
        arb_get_mid_arb(centre, y);
        objective_series(at, work, centre, 2);
        objective_series(on, work, y, 3);
        arb_mul_2exp_si(on + 2, on + 2, 1);
        arb_div(newton, at + 1, on + 2, work->prec);
        arb_sub(newton, centre, newton, work->prec);
        exists = !arb_is_finite(newton) || arb_intersection(newton, newton, y, work->prec);
        mag_mul_2exp_si(arb_radref(on), arb_radref(y), -1);
        if (exists && mag_cmp(arb_radref(newton), arb_radref(on)) < 0)
            arb_set(y, newton);
        else if (exists)
            narrowing = take_half(y, centre, at + 1, work->prec);
    }
    if (exists)
    {
        objective_series(on, work, y, 1);
        arb_set(value, on);
        arb_get_mid_arb(centre, y);
        objective_series(at, work, centre, 1);
        lower_ceiling(work, at);
    }
    arb_clear(centre);
    arb_clear(newton);
    _arb_vec_clear(on, 5);
    return exists;
}

/* [FRONT-1] Every minimiser lies within sqrt(2 t (l(s) - lower)) of s. */
static void
set_range(arf_t lower, arf_t upper, minimum_struct * work)
{
    arb_t value, radius, bound;

    arb_init(value);
    arb_init(radius);
    arb_init(bound);
    caustic_tape_evaluate_arb(value, work->front->tape, work->s, work->prec);
    arb_set_arf(bound, work->front->lower);
    arb_sub(value, value, bound, work->prec);
    arb_mul(value, value, work->t, work->prec);
    arb_mul_2exp_si(value, value, 1);
    arb_nonnegative_part(value, value);
    arb_sqrt(radius, value, work->prec);
    arb_sub(bound, work->s, radius, work->prec);
    arb_get_lbound_arf(lower, bound, work->prec);
    arb_add(bound, work->s, radius, work->prec);
    arb_get_ubound_arf(upper, bound, work->prec);
    /* never empty */
    arf_sub(lower, lower, upper, work->prec, ARF_RND_FLOOR);
    if (arf_is_zero(lower))
        arf_set_d(lower, -0x1p-20);
    arf_add(lower, upper, lower, work->prec, ARF_RND_FLOOR);
    arb_clear(value);
    arb_clear(radius);
    arb_clear(bound);
}

static void
sample(minimum_struct * work, const arf_t lower, const arf_t upper)
{
    arb_t y, value;

    arb_init(y);
    arb_init(value);
    for (slong i = 0; i <= SAMPLES; i++)
    {
        arf_sub(arb_midref(y), upper, lower, work->prec, ARF_RND_DOWN);
        mag_zero(arb_radref(y));
        arb_mul_si(y, y, i, work->prec);
        arb_div_si(y, y, SAMPLES, work->prec);
        arb_add_arf(y, y, lower, work->prec);
        arb_get_mid_arb(y, y);
        objective_series(value, work, y, 1);
        lower_ceiling(work, value);
    }
    arb_clear(y);
    arb_clear(value);
}

/* u from the least value, v and the foot from the one candidate that is left, if it is one. */
static caustic_result
conclude(arb_t u, arb_t v, arb_t foot, minimum_struct * work)
{
    arb_ptr y = _arb_vec_init(work->length), value = _arb_vec_init(work->length);
    arf_t least;
    arb_t best;
    slong left = 0;

    arf_init(least);
    arb_init(best);
    arf_pos_inf(least);
    for (slong i = 0; i < work->length; i++)
        if (!refine(y + i, value + i, work->candidate + i, work))
            arb_pos_inf(value + i);
    for (slong i = 0; i < work->length; i++)
    {
        arb_t bound;

        arb_init(bound);
        arb_sub_arf(bound, value + i, work->ceiling, work->prec);
        if (!arb_is_positive(bound))
        {
            arb_get_lbound_arf(arb_midref(bound), value + i, work->prec);
            mag_zero(arb_radref(bound));
            arf_min(least, least, arb_midref(bound));
            arb_set(foot, y + i);
            left++;
        }
        arb_clear(bound);
    }
    arb_set_interval_arf(best, least, work->ceiling, work->prec);
    arb_sqr(u, work->s, work->prec);
    arb_mul_2exp_si(u, u, -1);
    arb_add(u, u, best, work->prec);
    arb_div(u, u, work->t, work->prec);
    if (left == 1)
    {
        arb_sub(v, work->s, foot, work->prec);
        arb_div(v, v, work->t, work->prec);
    }
    arf_clear(least);
    arb_clear(best);
    _arb_vec_clear(y, work->length);
    _arb_vec_clear(value, work->length);
    return left == 1 && arb_is_finite(u) && arb_is_finite(v) ? CAUSTIC_OK : CAUSTIC_NO_RESOURCES;
}

caustic_result
caustic_front_solution(arb_t u, arb_t v, arb_t foot, const caustic_front_t front, const arb_t s, const arb_t t, slong prec)
{
    minimum_struct work = {front, s, t, prec, {{0}}, NULL, 0, 0};
    caustic_result result = CAUSTIC_NO_RESOURCES;
    arf_t lower, upper;

    arf_init(lower);
    arf_init(upper);
    arf_init(work.ceiling);
    arf_pos_inf(work.ceiling);
    if (arb_is_positive(t) && arb_is_finite(t) && arb_is_finite(s))
    {
        set_range(lower, upper, &work);
        if (arf_is_finite(lower) && arf_is_finite(upper))
        {
            sample(&work, lower, upper);
            if (walk_cells(lower, upper, prec, CELL_LIMIT, settle_cell, &work) && work.length > 0)
                result = conclude(u, v, foot, &work);
            else
                arb_indeterminate(u);
        }
        else
            arb_indeterminate(u);
    }
    else
        arb_indeterminate(u);
    if (result != CAUSTIC_OK)
    {
        arb_indeterminate(v);
        arb_indeterminate(foot);
    }
    for (slong i = 0; i < work.length; i++)
    {
        arf_clear(work.candidate[i].lower);
        arf_clear(work.candidate[i].upper);
    }
    flint_free(work.candidate);
    arf_clear(work.ceiling);
    arf_clear(lower);
    arf_clear(upper);
    return result;
}
