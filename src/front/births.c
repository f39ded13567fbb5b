/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    births: every shock begins where l'' has a least value, unless another has swallowed the place before [FRONT-9].
*/

#include "base/newton.h"
#include "front_internal.h"

#define CELL_LIMIT 20000

void
caustic_front_births_init(caustic_front_births_t births)
{
    births->birth = NULL;
    births->length = 0;
    births->complete = 0;
}

void
caustic_front_births_clear(caustic_front_births_t births)
{
    for (slong i = 0; i < births->length; i++)
    {
        arb_clear(births->birth[i].t);
        arb_clear(births->birth[i].position);
        arb_clear(births->birth[i].foot);
        arb_clear(births->birth[i].growth);
        arb_clear(births->birth[i].signature);
    }
    flint_free(births->birth);
    caustic_front_births_init(births);
}

/* A closed interval on which l'''' > 0: l'' has one least value there at most. */
typedef struct
{
    arf_t lower;
    arf_t upper;
}
valley_struct;

typedef struct
{
    const caustic_front_struct * front;
    arb_t last;    /* convex until then: no birth of interest */
    slong prec;
    arb_ptr loss;  /* room for 5 */
    valley_struct * valley;
    slong length;
}
search_struct;

static void
add_valley(search_struct * search, const arf_t lower, const arf_t upper)
{
    valley_struct * last;

    if (search->length > 0 && arf_equal(search->valley[search->length - 1].upper, lower))
    {
        arf_set(search->valley[search->length - 1].upper, upper);
        return;
    }
    search->valley = flint_realloc(search->valley, sizeof(valley_struct) * (search->length + 1));
    last = search->valley + search->length++;
    arf_init(last->lower);
    arf_init(last->upper);
    arf_set(last->lower, lower);
    arf_set(last->upper, upper);
}

/* 1: the cell has no zero of l''' with 1 + last l'' <= 0, or is (part of) a valley. l'''' < 0 where l''' = 0 is a greatest value of l''. */
static int
settle_birth_cell(void * data, const arf_t lower, const arf_t upper)
{
    search_struct * search = data;
    arb_ptr loss = search->loss;
    arb_t y, bend;
    int settled;

    arb_init(y);
    arb_init(bend);
    arb_set_interval_arf(y, lower, upper, search->prec);
    caustic_tape_evaluate_series(&loss, search->front->tape, y, 5, search->prec);
    arb_mul(bend, loss + 2, search->last, search->prec);
    arb_mul_2exp_si(bend, bend, 1);
    arb_add_ui(bend, bend, 1, search->prec);
    settled = arb_is_positive(bend) || (arb_is_finite(loss + 3) && !arb_contains_zero(loss + 3)) || arb_is_negative(loss + 4);
    if (!settled && arb_is_positive(loss + 4))
    {
        add_valley(search, lower, upper);
        settled = 1;
    }
    arb_clear(y);
    arb_clear(bend);
    return settled;
}

static void
third_derivative(arb_ptr value, arb_mat_t derivative, arb_srcptr x, const void * data, slong prec)
{
    const caustic_front_struct * front = data;
    arb_ptr loss = _arb_vec_init(5);

    caustic_tape_evaluate_series(&loss, front->tape, x, 5, prec);
    arb_set(value, loss + 3);
    arb_mul_2exp_si(arb_mat_entry(derivative, 0, 0), loss + 4, 2);
    _arb_vec_clear(loss, 5);
}

/* The sign of l''' at an end of a valley, 0 where it is not known. */
static int
turn_at(const search_struct * search, const arf_t end)
{
    arb_ptr loss = search->loss;
    arb_t y;

    arb_init(y);
    arb_set_arf(y, end);
    caustic_tape_evaluate_series(&loss, search->front->tape, y, 4, search->prec);
    arb_clear(y);
    return arb_is_positive(loss + 3) ? 1 : arb_is_negative(loss + 3) ? -1 : 0;
}

/* The zero of l''' in the valley. 1: foot encloses it; 0: there is none; -1: not known. */
static int
bottom(arb_t foot, const valley_struct * valley, const search_struct * search)
{
    int left = turn_at(search, valley->lower), right = turn_at(search, valley->upper);
    arb_t range;
    int found = -1;

    if (left != 0 && left == right)
        return 0;
    arb_init(range);
    arb_set_interval_arf(range, valley->lower, valley->upper, search->prec);
    arb_get_mid_arb(foot, range);
    if (newton_zero(foot, 1, third_derivative, search->front, search->prec) && arb_contains(range, foot))
        found = 1;
    arb_clear(range);
    return found;
}

/* Another foot has less: the place was swallowed before. */
static int
is_swallowed(const caustic_front_t front, const caustic_front_birth * birth, slong prec)
{
    arb_t u, v, foot;
    int swallowed;

    arb_init(u);
    arb_init(v);
    arb_init(foot);
    swallowed = caustic_front_solution(u, v, foot, front, birth->position, birth->t, prec) == CAUSTIC_OK && !arb_overlaps(foot, birth->foot);
    arb_clear(u);
    arb_clear(v);
    arb_clear(foot);
    return swallowed;
}

/* T = -1/l'', s = y + T l', and 2 sqrt(6/k)/T^2 with k = 24 l_4; the signature [FRONT-5]. */
static void
describe(caustic_front_birth * birth, const caustic_front_t front, slong prec)
{
    arb_ptr loss = _arb_vec_init(5);

    caustic_tape_evaluate_series(&loss, front->tape, birth->foot, 5, prec);
    arb_mul_2exp_si(birth->t, loss + 2, 1);
    arb_neg(birth->t, birth->t);
    arb_inv(birth->t, birth->t, prec);
    arb_mul(birth->position, birth->t, loss + 1, prec);
    arb_add(birth->position, birth->position, birth->foot, prec);
    arb_rsqrt(birth->growth, loss + 4, prec);
    arb_div(birth->growth, birth->growth, birth->t, prec);
    arb_div(birth->growth, birth->growth, birth->t, prec);
    signature_constant(birth->signature, loss + 4, birth->t, prec);
    _arb_vec_clear(loss, 5);
}

/* Appends the birth in the valley, if there is one before `last`. 0 where it is not known whether. */
static int
add_birth(caustic_front_births_t births, const valley_struct * valley, const search_struct * search)
{
    caustic_front_birth birth;
    int found, known, kept = 0;

    arb_init(birth.t);
    arb_init(birth.position);
    arb_init(birth.foot);
    arb_init(birth.growth);
    arb_init(birth.signature);
    found = bottom(birth.foot, valley, search);
    known = found == 0;
    if (found > 0)
    {
        describe(&birth, search->front, search->prec);
        if (arb_is_positive(birth.t) && arb_lt(birth.t, search->last))
        {
            kept = is_first_to_arrive(search->front, birth.t, birth.foot, search->prec);
            known = kept || is_swallowed(search->front, &birth, search->prec);
        }
        else
            known = arb_is_negative(birth.t) || arb_gt(birth.t, search->last);
    }
    if (kept)
    {
        births->birth = flint_realloc(births->birth, sizeof(caustic_front_birth) * (births->length + 1));
        births->birth[births->length++] = birth;
    }
    else
    {
        arb_clear(birth.t);
        arb_clear(birth.position);
        arb_clear(birth.foot);
        arb_clear(birth.growth);
        arb_clear(birth.signature);
    }
    return known;
}

caustic_result
caustic_front_births(caustic_front_births_t births, const caustic_front_t front, const arb_t lower, const arb_t upper, const arb_t last,
    slong digits)
{
    search_struct search = {.front = front, .prec = (slong) (3.33 * (double) digits) + 96, .loss = _arb_vec_init(5)};
    arf_t left, right;

    caustic_front_births_clear(births);
    arf_init(left);
    arf_init(right);
    arb_init(search.last);
    arb_set(search.last, last);
    arb_get_lbound_arf(left, lower, search.prec);
    arb_get_ubound_arf(right, upper, search.prec);
    births->complete = arb_is_positive(last) && walk_cells(left, right, search.prec, CELL_LIMIT, settle_birth_cell, &search);
    for (slong i = 0; i < search.length; i++)
    {
        births->complete = add_birth(births, search.valley + i, &search) && births->complete;
        arf_clear(search.valley[i].lower);
        arf_clear(search.valley[i].upper);
    }
    flint_free(search.valley);
    _arb_vec_clear(search.loss, 5);
    arb_clear(search.last);
    arf_clear(left);
    arf_clear(right);
    return births->complete ? CAUSTIC_OK : CAUSTIC_NO_RESOURCES;
}
