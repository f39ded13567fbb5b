/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    profile: piecewise analytic losses in one dimension: where the kinks are, and what the loss is between them.
*/

#include <string.h>
#include "base/ball.h"
#include "heat_internal.h"

#define PREC 64
#define CELLS_LIMIT 200000 /* visited */
#define SHAPE_PIECES 64
#define FINEST_PIECES 16384

caustic_result
caustic_profile_init(caustic_profile_t profile, caustic_pool * pool, const fmpq_t dimension, caustic_expr symbol,
    caustic_expr loss, const fmpq_t viscosity, const arf_t lower, const arb_t tilt, slong bits)
{
    caustic_expr * arguments;
    fmpq_t one;
    int usable;

    memset(profile, 0, sizeof(caustic_profile_struct));
    fmpq_init(profile->dimension);
    fmpq_init(profile->viscosity);
    arf_init(profile->lower);
    arb_init(profile->tilt);
    arf_init(profile->from);
    arf_init(profile->to);
    fmpq_set(profile->dimension, dimension);
    fmpq_set(profile->viscosity, viscosity);
    arf_set(profile->lower, lower);
    if (tilt != NULL)
        arb_set(profile->tilt, tilt);
    profile->pool = pool;
    profile->symbol = symbol;
    profile->expr = loss;
    profile->bits = bits;
    if (loss == CAUSTIC_NONE)
        return CAUSTIC_UNSUPPORTED;
    profile->whole = caustic_tape_new(pool, &loss, 1, &symbol, 1);
    profile->arguments = caustic_expr_branch_arguments(&arguments, pool, loss);
    if (profile->arguments > 0)
        profile->kinks = caustic_tape_new(pool, arguments, profile->arguments, &symbol, 1);
    flint_free(arguments);

    fmpq_init(one);
    fmpq_one(one);
    usable = profile->whole != NULL && (profile->arguments == 0 || profile->kinks != NULL) && fmpq_sgn(viscosity) > 0
        && arf_is_finite(lower) && arb_is_finite(profile->tilt)
        && (fmpq_is_zero(dimension) || (fmpq_cmp(dimension, one) >= 0 && arb_is_zero(profile->tilt)));
    fmpq_clear(one);
    return usable ? CAUSTIC_OK : CAUSTIC_UNSUPPORTED;
}

static void
forget_pieces(caustic_profile_t profile)
{
    for (slong i = 0; i < profile->capacity; i++)
    {
        arf_clear(profile->end + 2 * i);
        arf_clear(profile->end + 2 * i + 1);
        caustic_tape_free(profile->loss[i]);
    }
    flint_free(profile->end);
    flint_free(profile->loss);
    profile->end = NULL;
    profile->loss = NULL;
    profile->pieces = profile->capacity = 0;
}

void
caustic_profile_clear(caustic_profile_t profile)
{
    forget_pieces(profile);
    fmpq_clear(profile->dimension);
    fmpq_clear(profile->viscosity);
    arf_clear(profile->lower);
    arb_clear(profile->tilt);
    arf_clear(profile->from);
    arf_clear(profile->to);
    caustic_tape_free(profile->whole);
    caustic_tape_free(profile->kinks);
}

/* Kinks **************************************************************************************/

/* The piece that ends at `end`: a new one where the last one ends before `start`. */
static void
extend(caustic_profile_t profile, const arf_t start, const arf_t end)
{
    if (profile->pieces == 0 || !arf_equal(profile->end + 2 * profile->pieces - 1, start))
    {
        if (profile->pieces == profile->capacity)
        {
            slong capacity = 2 * profile->capacity + 2;

            profile->end = flint_realloc(profile->end, (size_t) (2 * capacity) * sizeof(arf_struct));
            profile->loss = flint_realloc(profile->loss, (size_t) capacity * sizeof(caustic_tape *));
            for (slong i = profile->capacity; i < capacity; i++)
            {
                arf_init(profile->end + 2 * i);
                arf_init(profile->end + 2 * i + 1);
                profile->loss[i] = NULL;
            }
            profile->capacity = capacity;
        }
        arf_set(profile->end + 2 * profile->pieces, start);
        profile->pieces++;
    }
    arf_set(profile->end + 2 * profile->pieces - 1, end);
}

/* The values of all arguments at the two ends, `room` long. */
static void
values_at_ends(arb_ptr room, const caustic_profile_t profile, const arf_t a, const arf_t b, slong prec)
{
    arb_t x;

    arb_init(x);
    arb_set_arf(x, a);
    caustic_tape_evaluate_arb(room, profile->kinks, x, prec);
    arb_set_arf(x, b);
    caustic_tape_evaluate_arb(room + profile->arguments, profile->kinks, x, prec);
    arb_clear(x);
}

/* Whether every argument is certainly not 0 on [a, b]: by its range, or because it is monotone and has one sign at both ends. */
static int
is_without_kinks(const caustic_profile_t profile, const arf_t a, const arf_t b, slong prec)
{
    slong length = profile->arguments;
    arb_ptr values = _arb_vec_init(3 * length), ends = values + length;
    arb_ptr * series = flint_malloc((size_t) FLINT_MAX(length, 1) * sizeof(arb_ptr));
    arb_t x;
    int without = 1, at_ends = 0;

    arb_init(x);
    for (slong i = 0; i < length; i++)
        series[i] = _arb_vec_init(2);
    if (length > 0)
    {
        arb_set_interval_arf(x, a, b, prec);
        caustic_tape_evaluate_arb(values, profile->kinks, x, PREC);
        caustic_tape_evaluate_series(series, profile->kinks, x, 2, PREC);
    }
    for (slong i = 0; i < length && without; i++)
    {
        if (arb_is_finite(values + i) && !arb_contains_zero(values + i))
            continue;
        without = arb_is_finite(series[i] + 1) && !arb_contains_zero(series[i] + 1);
        if (without && !at_ends)
        {
            values_at_ends(ends, profile, a, b, prec);
            at_ends = 1;
        }
        without = without && ((arb_is_positive(ends + i) && arb_is_positive(ends + length + i))
            || (arb_is_negative(ends + i) && arb_is_negative(ends + length + i)));
    }
    for (slong i = 0; i < length; i++)
        _arb_vec_clear(series[i], 2);
    flint_free(series);
    arb_clear(x);
    _arb_vec_clear(values, 3 * length);
    return without;
}

/* Cuts [a, b] in halves until a part has no kink or is shorter than 2^-bits: those are left out, from left to right. */
static int
find_pieces(caustic_profile_t profile, slong * visited, const arf_t a, const arf_t b, slong prec)
{
    arf_t middle;
    int found = 1;

    if (++*visited > CELLS_LIMIT)
        return 0;
    if (is_without_kinks(profile, a, b, prec))
    {
        extend(profile, a, b);
        return 1;
    }
    arf_init(middle);
    arf_sub(middle, b, a, PREC, ARF_RND_UP);
    if (arf_cmp_2exp_si(middle, -profile->bits) > 0)
    {
        arf_add(middle, a, b, ARF_PREC_EXACT, ARF_RND_DOWN);
        arf_mul_2exp_si(middle, middle, -1);
        found = find_pieces(profile, visited, a, middle, prec)
            && find_pieces(profile, visited, middle, b, prec);
    }
    arf_clear(middle);
    return found;
}

/* The branch of the loss in the middle of the piece, which is that on all of it. */
static int
set_branch(caustic_profile_t profile, slong piece, slong prec)
{
    caustic_expr branch;
    arb_t x;

    arb_init(x);
    arf_add(arb_midref(x), profile->end + 2 * piece, profile->end + 2 * piece + 1, ARF_PREC_EXACT, ARF_RND_DOWN);
    arb_mul_2exp_si(x, x, -1);
    branch = caustic_expr_branch(profile->pool, profile->expr, profile->symbol, x, prec);
    if (branch != CAUSTIC_NONE)
        profile->loss[piece] = caustic_tape_new(profile->pool, &branch, 1, &profile->symbol, 1);
    arb_clear(x);
    return profile->loss[piece] != NULL;
}

caustic_result
caustic_profile_cover(caustic_profile_t profile, const arf_t from, const arf_t to)
{
    slong prec, visited = 0;
    arf_t width;
    int found;

    if (!arf_is_finite(from) || !arf_is_finite(to) || arf_cmp(from, to) > 0)
        return CAUSTIC_NO_RESOURCES;
    if (profile->pieces > 0 && arf_cmp(profile->from, from) <= 0 && arf_cmp(profile->to, to) >= 0)
        return CAUSTIC_OK;

    /* Twice as far as was asked, in whole numbers: the next ones will lie inside. */
    arf_init(width);
    forget_pieces(profile);
    arf_sub(width, to, from, PREC, ARF_RND_UP);
    arf_sub(profile->from, from, width, PREC, ARF_RND_DOWN);
    arf_floor(profile->from, profile->from);
    arf_add(profile->to, to, width, PREC, ARF_RND_UP);
    arf_ceil(profile->to, profile->to);
    if (!fmpq_is_zero(profile->dimension) && arf_sgn(profile->from) < 0)
        arf_zero(profile->from);
    prec = profile->bits + PREC + FLINT_MAX(0, ARF_EXP(profile->to)) + FLINT_MAX(0, ARF_EXP(profile->from));
    found = find_pieces(profile, &visited, profile->from, profile->to, prec) && profile->pieces > 0;
    for (slong i = 0; i < profile->pieces && found; i++)
        found = set_branch(profile, i, prec);
    if (!found)
        forget_pieces(profile);
    arf_clear(width);
    return found ? CAUSTIC_OK : CAUSTIC_NO_RESOURCES;
}

/* Shape **************************************************************************************/

/* x = max(x, upper end of y) */
static void
raise(arb_t x, const arb_t y)
{
    arb_t end;

    arb_init(end);
    ball_upper_end(end, y, PREC);
    arb_max(x, x, end, PREC);
    if (!arb_is_finite(y))
        arb_indeterminate(x);
    arb_clear(end);
}

/* Raises slope to |l'| and highest to l on the part [from, to] of a piece. */
static void
shape_of_piece(arb_t slope, arb_t highest, const caustic_tape * loss, const arf_t from, const arf_t to, slong parts)
{
    arb_ptr series[1] = {_arb_vec_init(2)};
    arb_t part, x, width;

    arb_init(part);
    arb_init(x);
    arb_init(width);
    arb_set_arf(width, to);
    arb_sub_arf(width, width, from, 8 * PREC);
    arb_div_si(width, width, parts, 8 * PREC);
    for (slong i = 0; i < parts; i++)
    {
        /* neighbours overlap in the ball of their common end */
        arb_mul_si(x, width, i, 8 * PREC);
        arb_add_arf(x, x, from, 8 * PREC);
        arb_add(part, x, width, 8 * PREC);
        arb_union(part, part, x, 2 * PREC);
        caustic_tape_evaluate_series(series, loss, part, 2, PREC);
        raise(highest, series[0]);
        arb_abs(series[0] + 1, series[0] + 1);
        raise(slope, series[0] + 1);
    }
    arb_clear(part);
    arb_clear(x);
    arb_clear(width);
    _arb_vec_clear(series[0], 2);
}

/* Adds to jump how much l may vary in the gap [from, to] between two pieces, and raises highest to l there. */
static void
shape_of_gap(arb_t jump, arb_t highest, const caustic_profile_t profile, const arf_t from, const arf_t to)
{
    arb_t x, value, width;

    arb_init(x);
    arb_init(value);
    arb_init(width);
    arb_set_interval_arf(x, from, to, profile->bits + 8 * PREC);
    caustic_tape_evaluate_arb(value, profile->whole, x, profile->bits + 8 * PREC);
    arb_get_rad_arb(width, value);
    arb_mul_2exp_si(width, width, 1);
    arb_add(jump, jump, width, PREC);
    raise(highest, value);
    if (!arb_is_finite(value))
        arb_indeterminate(jump);
    arb_clear(x);
    arb_clear(value);
    arb_clear(width);
}

void
caustic_profile_shape(arb_t slope, arb_t jump, arb_t highest, caustic_profile_t profile, const arf_t from, const arf_t to)
{
    arf_t start, end;
    int known = 0;

    arf_init(start);
    arf_init(end);
    arb_indeterminate(slope);
    arb_indeterminate(jump);
    arb_indeterminate(highest);
    if (caustic_profile_cover(profile, from, to) == CAUSTIC_OK)
        for (slong parts = SHAPE_PIECES; parts <= FINEST_PIECES && !known; parts *= 16)
        {
            arb_zero(slope);
            arb_zero(jump);
            arb_neg_inf(highest);
            /* pieces and gaps in turn, from profile->from to profile->to */
            for (slong i = 0; i <= 2 * profile->pieces; i++)
            {
                arf_max(start, i == 0 ? profile->from : profile->end + i - 1, from);
                arf_min(end, i == 2 * profile->pieces ? profile->to : profile->end + i, to);
                if (arf_cmp(start, end) > 0)
                    continue;
                if (i % 2 == 1)
                    shape_of_piece(slope, highest, profile->loss[i / 2], start, end, parts);
                else if (arf_cmp(start, end) < 0)
                    shape_of_gap(jump, highest, profile, start, end);
            }
            known = arb_is_finite(slope) && arb_is_finite(jump) && arb_is_finite(highest);
        }
    arf_clear(start);
    arf_clear(end);
}
