/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Theorems by branch and bound over coordinate and parameters together, for a finite box and any analytic
    h: each cell is settled by balls, or halved.
*/

#include <caustic/field.h>
#include "family/theorem.h"

#define PRECISION 64
#define VARIABLES (1 + CAUSTIC_FAMILY_PARAMETERS)
#define GUESSES 9

/* Values on cells ****************************************************************************/

/* h, its derivative by each variable, and h_zz, as functions of all variables. */
typedef struct
{
    const family_work * work;
    slong n;
    caustic_tape * tape;
    arb_ptr on;      /* of the tape on the cell */
    arb_ptr at;      /* and at its centre */
    arb_ptr centre;
    arb_t value;     /* h on the cell, by the better of two forms */
}
values_struct;

enum { VALUE_H = 0, VALUE_Z };

static void
values_init(values_struct * values, const family_work * work, caustic_expr h)
{
    caustic_expr root[VARIABLES + 2];

    values->work = work;
    values->n = work->variables;
    root[0] = h;
    for (slong i = 0; i < values->n; i++)
        root[1 + i] = caustic_derivative(work->pool, h, work->symbol[i]);
    root[1 + values->n] = caustic_derivative(work->pool, root[1], work->symbol[0]);
    values->tape = caustic_tape_new(work->pool, root, values->n + 2, work->symbol, values->n);
    values->on = _arb_vec_init(VARIABLES + 2);
    values->at = _arb_vec_init(VARIABLES + 2);
    values->centre = _arb_vec_init(VARIABLES);
    arb_init(values->value);
}

static void
values_clear(values_struct * values)
{
    caustic_tape_free(values->tape);
    _arb_vec_clear(values->on, VARIABLES + 2);
    _arb_vec_clear(values->at, VARIABLES + 2);
    _arb_vec_clear(values->centre, VARIABLES);
    arb_clear(values->value);
}

/* h(x) = h(c) + sum h_i(xi) (x_i - c_i), intersected with h evaluated on the cell. [FAMILY-6] */
static void
values_set(values_struct * values, arb_srcptr cell)
{
    arb_t term, mean;

    arb_init(term);
    arb_init(mean);
    for (slong i = 0; i < values->n; i++)
        arb_get_mid_arb(values->centre + i, cell + i);
    caustic_tape_evaluate_arb(values->on, values->tape, cell, PRECISION);
    caustic_tape_evaluate_arb(values->at, values->tape, values->centre, PRECISION);
    arb_set(mean, values->at + VALUE_H);
    for (slong i = 0; i < values->n; i++)
    {
        arb_sub(term, cell + i, values->centre + i, PRECISION);
        arb_addmul(mean, term, values->on + VALUE_Z + i, PRECISION);
    }
    if (!arb_is_finite(values->on + VALUE_H) || !arb_is_finite(mean) || !arb_intersection(values->value, values->on + VALUE_H, mean, PRECISION))
        arb_set(values->value, arb_is_finite(mean) ? mean : values->on + VALUE_H);
    arb_clear(term);
    arb_clear(mean);
}

static const arb_struct *
value_zz(const values_struct * values)
{
    return values->on + 1 + values->n;
}

/* Covering a box *****************************************************************************/

/* The part (2 i + 1)/2^(level + 1) of an interval and half its width there. */
typedef struct
{
    fmpz_t k[VARIABLES];
    slong level[VARIABLES];
}
cell_struct;

typedef struct
{
    caustic_interval_struct side[VARIABLES];
    slong n;
    cell_struct * stack;
    slong length;
    slong capacity;
    slong cells;
}
cover_struct;

static void
cell_init(cell_struct * cell)
{
    for (slong i = 0; i < VARIABLES; i++)
    {
        fmpz_init(cell->k[i]);
        cell->level[i] = 0;
    }
}

static void
cell_clear(cell_struct * cell)
{
    for (slong i = 0; i < VARIABLES; i++)
        fmpz_clear(cell->k[i]);
}

static cell_struct *
cover_push(cover_struct * cover)
{
    if (cover->length == cover->capacity)
    {
        cover->capacity = 2 * cover->capacity + 64;
        cover->stack = flint_realloc(cover->stack, (size_t) cover->capacity * sizeof(cell_struct));
    }
    cell_init(cover->stack + cover->length);
    return cover->stack + cover->length++;
}

static void
cover_init(cover_struct * cover, const caustic_interval_struct * side, slong n)
{
    cover->n = n;
    cover->stack = NULL;
    cover->length = cover->capacity = cover->cells = 0;
    for (slong i = 0; i < n; i++)
    {
        caustic_interval_init(cover->side + i);
        caustic_interval_set(cover->side + i, side + i);
    }
    cover_push(cover);
}

static void
cover_clear(cover_struct * cover)
{
    for (slong i = 0; i < cover->length; i++)
        cell_clear(cover->stack + i);
    for (slong i = 0; i < cover->n; i++)
        caustic_interval_clear(cover->side + i);
    flint_free(cover->stack);
}

/* Contains the part [k, k + 1]/2^level of each side. */
static void
cell_box(arb_ptr box, const cover_struct * cover, const cell_struct * cell)
{
    fmpq_t width, x;
    arb_t radius;

    fmpq_init(width);
    fmpq_init(x);
    arb_init(radius);
    for (slong i = 0; i < cover->n; i++)
    {
        fmpq_sub(width, cover->side[i].upper, cover->side[i].lower);
        fmpq_div_2exp(width, width, (ulong) cell->level[i] + 1);
        fmpq_mul_fmpz(x, width, cell->k[i]);
        fmpq_mul_2exp(x, x, 1);
        fmpq_add(x, x, width);
        fmpq_add(x, x, cover->side[i].lower);
        arb_set_fmpq(box + i, x, PRECISION);
        arb_set_fmpq(radius, width, PRECISION);
        arb_add_error(box + i, radius);
    }
    fmpq_clear(width);
    fmpq_clear(x);
    arb_clear(radius);
}

/* Halves the side that matters most: |h_i| times its width, or else the least halved one. */
static slong
side_to_halve(const cover_struct * cover, const cell_struct * cell, const values_struct * values, arb_srcptr box)
{
    slong best = 0, least = 0;
    mag_t influence, largest;

    mag_init(influence);
    mag_init(largest);
    for (slong i = 0; i < cover->n; i++)
    {
        arb_get_mag(influence, values->on + VALUE_Z + i);
        mag_mul(influence, influence, arb_radref(box + i));
        if (mag_cmp(influence, largest) > 0)
        {
            mag_set(largest, influence);
            best = i;
        }
        if (cell->level[i] < cell->level[least])
            least = i;
    }
    /* no side is left behind for ever */
    best = mag_is_inf(largest) || cell->level[best] > cell->level[least] + 12 ? least : best;
    mag_clear(influence);
    mag_clear(largest);
    return best;
}

/* 1: settled; 0: to be halved. The values are those of the cell. */
typedef int (* cell_test)(void * context, const values_struct * values, arb_srcptr box);

/* Whether every cell of the cover is settled; otherwise one that was not is left on top of the stack. */
static int
cover_settle(cover_struct * cover, values_struct * values, cell_test test, void * context, slong limit)
{
    arb_ptr box = _arb_vec_init(VARIABLES);
    int settled = 1;

    while (cover->length > 0 && settled)
    {
        cell_struct cell = cover->stack[cover->length - 1], * half;
        slong side;

        cell_box(box, cover, &cell);
        values_set(values, box);
        cover->cells++;
        if (test(context, values, box))
        {
            cell_clear(&cell);
            cover->length--;
            continue;
        }
        side = side_to_halve(cover, &cell, values, box);
        settled = cover->cells < limit && cell.level[side] < PRECISION - 24;
        if (!settled)
            break;
        cover->length--;
        for (slong part = 0; part < 2; part++)
        {
            half = cover_push(cover);
            for (slong i = 0; i < cover->n; i++)
            {
                fmpz_set(half->k[i], cell.k[i]);
                half->level[i] = cell.level[i];
            }
            half->level[side]++;
            fmpz_mul_2exp(half->k[side], half->k[side], 1);
            fmpz_add_si(half->k[side], half->k[side], part);
        }
        cell_clear(&cell);
    }
    _arb_vec_clear(box, VARIABLES);
    return settled;
}

/* Over the whole box, or with the cell in the text that was not settled. */
static int
settle_everywhere(claim_struct * claim, const family_work * work, caustic_expr h, cell_test test, void * context, slong * cells)
{
    caustic_interval_struct side[VARIABLES];
    arb_ptr box = _arb_vec_init(VARIABLES);
    values_struct values;
    cover_struct cover;
    int settled;

    side[0] = *work->problem->box;
    for (slong i = 1; i < work->variables; i++)
        side[i] = work->range[i - 1];
    values_init(&values, work, h);
    cover_init(&cover, side, work->variables);
    settled = values.tape != NULL && cover_settle(&cover, &values, test, context, work->problem->box_limit);
    *cells = cover.cells;
    if (!settled)
    {
        claim->verdict = CAUSTIC_UNDECIDED;
        caustic_text_reset(claim->text);
        caustic_text_printf(claim->text, "branch and bound stopped after %ld cells; open near", (long) cover.cells);
        if (cover.length > 0)
            cell_box(box, &cover, cover.stack + cover.length - 1);
        for (slong i = 0; i < work->variables; i++)
        {
            caustic_text_printf(claim->text, "%s %s = ", i > 0 ? "," : "", caustic_expr_name(work->pool, work->symbol[i]));
            arb_get_mid_arb(box + i, box + i);
            caustic_print_lower(claim->text, box + i, 8);
        }
    }
    cover_clear(&cover);
    values_clear(&values);
    _arb_vec_clear(box, VARIABLES);
    return settled;
}

static int
needs_a_finite_box(claim_struct * claim, const family_work * work)
{
    if (work->compact)
        return 0;
    claim->verdict = CAUSTIC_UNDECIDED;
    caustic_text_reset(claim->text);
    caustic_text_append(claim->text, "branch and bound over the parameters needs a finite box");
    return 1;
}

/* Closed forms *******************************************************************************/

typedef struct
{
    caustic_tape * at; /* of the parameters: the place, the time */
    int interior;      /* h_z = 0 along the place */
    slong n;
}
time_context;

/* h rises away from the place between it and the cell: by convexity, or because the place is an end and the slope has one sign. */
static int
rises_from_place(const time_context * context, const values_struct * values, arb_srcptr box, const arb_t place)
{
    arb_ptr hull = _arb_vec_init(VARIABLES), on = _arb_vec_init(VARIABLES + 2);
    int rises;

    for (slong i = 0; i < context->n; i++)
        arb_set(hull + i, box + i);
    arb_union(hull, box, place, PRECISION);
    caustic_tape_evaluate_arb(on, values->tape, hull, PRECISION);
    rises = context->interior && arb_is_finite(on + 1 + context->n) && arb_is_positive(on + 1 + context->n);
    /* box >= place and h_z >= 0 between them, or the mirror image */
    if (!rises && arb_is_finite(on + VALUE_Z))
    {
        const caustic_interval_struct * side = values->work->problem->box;
        fmpq_t end;

        fmpq_init(end);
        if (arb_is_exact(place))
        {
            arf_get_fmpq(end, arb_midref(place));
            rises = (fmpq_equal(end, side->lower) && arb_is_nonnegative(on + VALUE_Z))
                || (fmpq_equal(end, side->upper) && arb_is_nonpositive(on + VALUE_Z));
        }
        fmpq_clear(end);
    }
    _arb_vec_clear(hull, VARIABLES);
    _arb_vec_clear(on, VARIABLES + 2);
    return rises;
}

/* time > 0 and time h + 1 >= 0 on the cell */
static int
time_test(void * argument, const values_struct * values, arb_srcptr box)
{
    const time_context * context = argument;
    arb_ptr out = _arb_vec_init(2);
    arb_t e;
    int settled;

    arb_init(e);
    caustic_tape_evaluate_arb(out, context->at, box + 1, PRECISION);
    settled = arb_is_finite(out + 1) && arb_is_positive(out + 1);
    if (settled)
    {
        arb_mul(e, out + 1, values->value, PRECISION);
        arb_add_ui(e, e, 1, PRECISION);
        settled = (arb_is_finite(e) && arb_is_positive(e))
            || (arb_is_finite(out) && rises_from_place(context, values, box, out));
    }
    _arb_vec_clear(out, 2);
    arb_clear(e);
    return settled;
}

void
boxes_time(claim_struct * claim, const family_work * work, caustic_expr time, caustic_expr at)
{
    caustic_pool * pool = work->pool;
    caustic_expr e = caustic_add(pool, caustic_mul(pool, time, work->h), caustic_integer(pool, 1)), roots[2] = {at, time};
    time_context context;
    slong cells = 0;

    if (needs_a_finite_box(claim, work))
        return;
    if (at == CAUSTIC_NONE || !vanishes_along(work, e, at))
    {
        caustic_text_reset(claim->text);
        caustic_text_append(claim->text, at == CAUSTIC_NONE ? "branch and bound needs a formula for the foot of the first shock (shock_at)"
            : "time*h + 1 was not proved to vanish at the claimed place, inside the box, for every value");
        return;
    }
    context.interior = vanishes_along(work, work->h_z, at);
    context.n = work->variables;
    context.at = caustic_tape_new(pool, roots, 2, work->symbol + 1, work->variables - 1);
    if (context.at != NULL && settle_everywhere(claim, work, work->h, time_test, &context, &cells))
    {
        claim->verdict = CAUSTIC_PROVED;
        caustic_text_reset(claim->text);
        caustic_text_printf(claim->text, "an identity: time*h + 1 = 0 at the claimed place by algebra, and >= 0 elsewhere, in %ld cells of branch and bound", (long) cells);
    }
    if (context.at != NULL)
        caustic_tape_free(context.at);
}

/* Thresholds *********************************************************************************/

/* h >= 0 on the cell, or at least what it is at the place */
static int
least_test(void * argument, const values_struct * values, arb_srcptr box)
{
    const time_context * context = argument;
    arb_ptr out = _arb_vec_init(2);
    int settled;

    caustic_tape_evaluate_arb(out, context->at, box + 1, PRECISION);
    settled = arb_is_finite(values->value) && (arb_is_nonnegative(values->value) || (arb_is_finite(out + 1) && arb_ge(values->value, out + 1)));
    settled = settled || (arb_is_finite(out) && rises_from_place(context, values, box, out));
    _arb_vec_clear(out, 2);
    return settled;
}

/* a = (positive function) * b, of the parameters */
static int
is_positive_multiple(const family_work * work, caustic_expr a, caustic_expr b)
{
    gr_ctx_struct * field = (gr_ctx_struct *) work->field;
    gr_ptr x, y;
    int multiple;

    GR_TMP_INIT2(x, y, field);
    multiple = caustic_field_set_expr(x, a, field) == GR_SUCCESS && caustic_field_set_expr(y, b, field) == GR_SUCCESS
        && gr_div(x, x, y, field) == GR_SUCCESS && caustic_field_sign(x, field) == CAUSTIC_SIGN_POSITIVE;
    GR_TMP_CLEAR2(x, y, field);
    return multiple;
}

void
boxes_threshold(claim_struct * claim, const family_work * work, caustic_expr at)
{
    caustic_expr least = caustic_substitute(work->pool, work->h, work->symbol, &at, 1), roots[2] = {at, least};
    time_context context;
    slong cells = 0;

    /* the place lies in the box for all values, whatever h is there */
    if (work->problem->strict || !work->compact || least == CAUSTIC_NONE || !vanishes_along(work, caustic_integer(work->pool, 0), at)
        || !is_positive_multiple(work, least, work->problem->no_shock_iff))
        return;
    context.interior = vanishes_along(work, work->h_z, at);
    context.n = work->variables;
    context.at = caustic_tape_new(work->pool, roots, 2, work->symbol + 1, work->variables - 1);
    if (context.at != NULL && settle_everywhere(claim, work, work->h, least_test, &context, &cells))
    {
        claim->verdict = CAUSTIC_PROVED;
        caustic_text_reset(claim->text);
        caustic_text_printf(claim->text, "h at one place is a positive multiple of the claimed expression, by algebra, and elsewhere h is >= 0 or not below that, in %ld cells"
            " of branch and bound", (long) cells);
    }
    if (context.at != NULL)
        caustic_tape_free(context.at);
}

/* No shock ***********************************************************************************/

static int
none_test(void * context, const values_struct * values, arb_srcptr box)
{
    (void) context;
    (void) box;
    return arb_is_finite(values->value) && arb_is_nonnegative(values->value);
}

void
boxes_none(claim_struct * claim, const family_work * work)
{
    slong cells = 0;

    if (!needs_a_finite_box(claim, work) && settle_everywhere(claim, work, work->h, none_test, NULL, &cells))
    {
        claim->verdict = CAUSTIC_PROVED;
        caustic_text_reset(claim->text);
        caustic_text_printf(claim->text, "h >= 0 for all values, by branch and bound in %ld cells", (long) cells);
    }
}

/* Monotonicity *******************************************************************************/

typedef struct
{
    slong parameter;
    int direction;
}
monotone_context;

/* h is smaller than on the cell at one of a few places, for all parameters of the cell. */
static int
is_higher_than_elsewhere(const values_struct * values, arb_srcptr box)
{
    const caustic_interval_struct * side = values->work->problem->box;
    arb_ptr x = _arb_vec_init(VARIABLES), out = _arb_vec_init(VARIABLES + 2);
    fmpq_t z, width;
    int higher = 0;

    fmpq_init(z);
    fmpq_init(width);
    for (slong i = 1; i < values->n; i++)
        arb_set(x + i, box + i);
    fmpq_sub(width, side->upper, side->lower);
    for (slong k = 0; k < GUESSES && !higher; k++)
    {
        fmpq_set_si(z, k, GUESSES - 1);
        fmpq_mul(z, z, width);
        fmpq_add(z, z, side->lower);
        arb_set_fmpq(x, z, PRECISION);
        caustic_tape_evaluate_arb(out, values->tape, x, PRECISION);
        higher = arb_is_finite(out) && arb_lt(out, values->value);
    }
    _arb_vec_clear(x, VARIABLES);
    _arb_vec_clear(out, VARIABLES + 2);
    fmpq_clear(z);
    fmpq_clear(width);
    return higher;
}

/* Whether the cell may hold z = the end where h is least if it rises in that direction. */
static int
touches(const arb_t z, const fmpq_t end)
{
    return arb_contains_fmpq(z, end);
}

static int
monotone_test(void * argument, const values_struct * values, arb_srcptr box)
{
    const monotone_context * context = argument;
    const caustic_interval_struct * side = values->work->problem->box;
    const arb_struct * rate = values->on + VALUE_Z + context->parameter, * slope = values->on + VALUE_Z;

    if (arb_is_finite(rate) && (context->direction > 0 ? arb_is_positive(rate) : arb_is_negative(rate)))
        return 1;
    if (arb_is_finite(values->value) && arb_is_nonnegative(values->value))
        return 1;
    /* no minimum where h rises or falls, but at an end */
    if (arb_is_finite(slope) && ((arb_is_positive(slope) && !touches(box, side->lower))
        || (arb_is_negative(slope) && !touches(box, side->upper))))
        return 1;
    /* no minimum where h is concave, but at an end */
    if (arb_is_finite(value_zz(values)) && arb_is_negative(value_zz(values)) && !touches(box, side->lower) && !touches(box, side->upper))
        return 1;
    return arb_is_finite(values->value) && is_higher_than_elsewhere(values, box);
}

void
boxes_monotone(claim_struct * claim, const family_work * work, slong parameter, int direction)
{
    monotone_context context = {1 + parameter, direction};
    slong cells = 0;

    if (!needs_a_finite_box(claim, work) && settle_everywhere(claim, work, work->h, monotone_test, &context, &cells))
    {
        const char * name = caustic_expr_name(work->pool, work->symbol[1 + parameter]);

        claim->verdict = CAUSTIC_PROVED;
        caustic_text_reset(claim->text);
        caustic_text_printf(claim->text, "dT*/d%s = h_%s/h^2 has the claimed sign wherever h may be least and negative, in %ld cells of branch and bound",
            name, name, (long) cells);
    }
}

/* No change **********************************************************************************/

/* Nothing is asked of a cell inside the box; one that may hold an end holds no minimum there. */
static int
inside_test(void * context, const values_struct * values, arb_srcptr box)
{
    const caustic_interval_struct * side = values->work->problem->box;
    const arb_struct * slope = values->on + VALUE_Z;
    int lower = touches(box, side->lower), upper = touches(box, side->upper);

    (void) context;
    if ((!lower && !upper) || (arb_is_finite(values->value) && arb_is_nonnegative(values->value)))
        return 1;
    if (arb_is_finite(slope) && ((!upper && arb_is_negative(slope)) || (!lower && arb_is_positive(slope))))
        return 1;
    return arb_is_finite(values->value) && is_higher_than_elsewhere(values, box);
}

/* h_y = q h_z with an analytic q, in the exact field; q = 0 where h does not depend on y. */
static int
rate_follows_slope(const family_work * work, caustic_expr h_y, int * independent)
{
    gr_ctx_struct * field = (gr_ctx_struct *) work->field;
    gr_ptr rate, slope;
    caustic_expr q;
    caustic_text_t why;
    int follows;

    GR_TMP_INIT2(rate, slope, field);
    caustic_text_init(why);
    *independent = caustic_field_set_expr(rate, h_y, field) == GR_SUCCESS && caustic_field_is_zero(rate, NULL, field) == T_TRUE;
    follows = *independent;
    if (!follows && caustic_field_set_expr(rate, h_y, field) == GR_SUCCESS && caustic_field_set_expr(slope, work->h_z, field) == GR_SUCCESS
        && gr_div(rate, rate, slope, field) == GR_SUCCESS)
    {
        q = caustic_field_get_expr(rate, field);
        follows = q != CAUSTIC_NONE && caustic_field_is_smooth(why, q, NULL, 0, 0, field) == T_TRUE;
    }
    caustic_text_clear(why);
    GR_TMP_CLEAR2(rate, slope, field);
    return follows;
}

void
boxes_constant(claim_struct * claim, const family_work * work, slong parameter)
{
    caustic_expr h_y = caustic_derivative(work->pool, work->h, work->symbol[1 + parameter]);
    int independent = 0;
    slong cells = 0;

    caustic_text_reset(claim->text);
    if (h_y == CAUSTIC_NONE || !rate_follows_slope(work, h_y, &independent))
        caustic_text_append(claim->text, "no analytic q with h_y = q h_z was found, y the parameter");
    else if (independent || (!needs_a_finite_box(claim, work) && settle_everywhere(claim, work, work->h, inside_test, NULL, &cells)))
    {
        claim->verdict = CAUSTIC_PROVED;
        caustic_text_reset(claim->text);
        caustic_text_append(claim->text, independent ? "h does not depend on the parameter"
            : "h_y = q h_z with an analytic q, by algebra, y the parameter: inf h, which is not taken at an end of the box, has the derivative 0");
    }
}

/* Enclosures *********************************************************************************/

#define COVER_CELLS 200

/* A cell with a lower bound of h on it, and the side to halve it along. */
typedef struct
{
    arf_t lower;
    slong side;
}
bound_struct;

static void
set_bound(bound_struct * bound, const cover_struct * cover, slong i, values_struct * values, arb_ptr box)
{
    cell_box(box, cover, cover->stack + i);
    values_set(values, box);
    if (arb_is_finite(values->value))
        arb_get_lbound_arf(bound->lower, values->value, PRECISION);
    else
        arf_neg_inf(bound->lower);
    bound->side = side_to_halve(cover, cover->stack + i, values, box);
}

static slong
lowest(const bound_struct * bounds, slong length)
{
    slong least = 0;

    for (slong i = 1; i < length; i++)
        if (arf_cmp(bounds[i].lower, bounds[least].lower) < 0)
            least = i;
    return least;
}

/* The i-th cell becomes its lower half, and the upper half is a new one. */
static void
halve(cover_struct * cover, slong i, slong side)
{
    cell_struct * half = cover_push(cover), * cell = cover->stack + i;

    for (slong k = 0; k < cover->n; k++)
    {
        fmpz_set(half->k[k], cell->k[k]);
        half->level[k] = cell->level[k];
    }
    half->level[side]++;
    cell->level[side]++;
    fmpz_mul_2exp(cell->k[side], cell->k[side], 1);
    fmpz_add_ui(half->k[side], cell->k[side], 1);
}

/* h >= bound on the whole of a piece: the cell with the lowest bound is halved, until all are at least `enough` or there are many. */
static void
lower_bound(arf_t bound, values_struct * values, const caustic_interval_struct * side, const arf_t enough)
{
    bound_struct * bounds = flint_malloc((COVER_CELLS + 1) * sizeof(bound_struct));
    arb_ptr box = _arb_vec_init(VARIABLES);
    cover_struct cover;
    slong worst = 0;

    cover_init(&cover, side, values->n);
    for (slong i = 0; i <= COVER_CELLS; i++)
        arf_init(bounds[i].lower);
    set_bound(bounds, &cover, 0, values, box);
    while (cover.length <= COVER_CELLS && arf_cmp(bounds[worst].lower, enough) < 0
        && cover.stack[worst].level[bounds[worst].side] < PRECISION - 24)
    {
        halve(&cover, worst, bounds[worst].side);
        set_bound(bounds + worst, &cover, worst, values, box);
        set_bound(bounds + cover.length - 1, &cover, cover.length - 1, values, box);
        worst = lowest(bounds, cover.length);
    }
    arf_set(bound, bounds[worst].lower);
    for (slong i = 0; i <= COVER_CELLS; i++)
        arf_clear(bounds[i].lower);
    cover_clear(&cover);
    _arb_vec_clear(box, VARIABLES);
    flint_free(bounds);
}

static void
interval_ball(arb_t x, const caustic_interval_t interval)
{
    arb_t end;

    arb_init(end);
    arb_set_fmpq(x, interval->lower, PRECISION);
    arb_set_fmpq(end, interval->upper, PRECISION);
    arb_union(x, x, end, PRECISION);
    arb_clear(end);
}

/* inf over the piece's lines of h <= best, sharpened by halving around the best place; a guess only chooses places. */
static void
upper_bound(arf_t best, values_struct * values, const caustic_interval_struct * side)
{
    arb_ptr x = _arb_vec_init(VARIABLES), out = _arb_vec_init(VARIABLES + 2);
    fmpq_t z, step, place;
    arf_t upper;

    fmpq_init(z);
    fmpq_init(step);
    fmpq_init(place);
    arf_init(upper);
    for (slong i = 1; i < values->n; i++)
        interval_ball(x + i, side + i);
    arf_pos_inf(best);
    fmpq_sub(step, side->upper, side->lower);
    fmpq_div_2exp(step, step, 1);
    fmpq_add(place, side->lower, step);
    for (slong round = 0; round < 24; round++, fmpq_div_2exp(step, step, 1))
    {
        fmpq_t centre;

        fmpq_init(centre);
        fmpq_set(centre, place);
        for (slong k = -4; k <= 4; k++)
        {
            fmpq_mul_si(z, step, k);
            fmpq_div_2exp(z, z, 2);
            fmpq_add(z, z, centre);
            if (!caustic_interval_contains_fmpq(side, z))
                continue;
            arb_set_fmpq(x, z, PRECISION);
            caustic_tape_evaluate_arb(out, values->tape, x, PRECISION);
            arb_get_ubound_arf(upper, out, PRECISION);
            if (arb_is_finite(out) && arf_cmp(upper, best) < 0)
            {
                arf_set(best, upper);
                fmpq_set(place, z);
            }
        }
        fmpq_clear(centre);
    }
    _arb_vec_clear(x, VARIABLES);
    _arb_vec_clear(out, VARIABLES + 2);
    fmpq_clear(z);
    fmpq_clear(step);
    fmpq_clear(place);
    arf_clear(upper);
}

/* -1/bound rounded */
static void
time_of(arb_t time, const arf_t bound)
{
    arb_set_arf(time, bound);
    arb_inv(time, time, PRECISION);
    arb_neg(time, time);
}

static void
enclose_piece(caustic_theorem_piece * piece, values_struct * values)
{
    caustic_interval_struct side[VARIABLES];
    arf_t upper, lower, enough;

    arf_init(upper);
    arf_init(lower);
    arf_init(enough);
    side[0] = *values->work->problem->box;
    for (slong i = 1; i < values->n; i++)
        side[i] = piece->range[i - 1];
    upper_bound(upper, values, side);
    arb_zero(piece->lower);
    arb_indeterminate(piece->upper);
    if (arf_sgn(upper) < 0 && arf_is_finite(upper))
        time_of(piece->upper, upper);
    /* below a known h < 0 by little, or nothing focuses */
    arf_mul_2exp_si(enough, upper, -12);
    arf_add(enough, upper, enough, PRECISION, ARF_RND_FLOOR);
    if (arf_sgn(upper) >= 0)
        arf_zero(enough);
    lower_bound(lower, values, side, enough);
    if (arf_sgn(lower) >= 0)
        arb_pos_inf(piece->lower);
    else if (arf_is_finite(lower))
        time_of(piece->lower, lower);
    arf_clear(upper);
    arf_clear(lower);
    arf_clear(enough);
}

static void
set_piece(caustic_theorem_piece * piece, const family_work * work, slong index, slong pieces)
{
    for (slong k = 0; k < CAUSTIC_FAMILY_PARAMETERS; k++)
        caustic_interval_init(piece->range + k);
    for (slong k = 0; k < work->variables - 1; k++, index /= pieces)
    {
        const caustic_interval_struct * range = work->range + k;
        caustic_interval_struct * part = piece->range + k;
        fmpq_t width, step;

        fmpq_init(width);
        fmpq_init(step);
        fmpq_sub(width, range->upper, range->lower);
        caustic_interval_set(part, range);
        fmpq_set_si(step, index % pieces, (ulong) pieces);
        fmpq_mul(step, step, width);
        fmpq_add(part->lower, range->lower, step);
        fmpq_set_si(step, index % pieces + 1, (ulong) pieces);
        fmpq_mul(step, step, width);
        fmpq_add(part->upper, range->lower, step);
        part->lower_closed = index % pieces > 0 || range->lower_closed;
        part->upper_closed = index % pieces < pieces - 1 || range->upper_closed;
        fmpq_clear(width);
        fmpq_clear(step);
    }
}

void
boxes_cover(caustic_theorem_t theorem, const family_work * work)
{
    slong pieces = work->problem->pieces, count = 1;
    values_struct values;

    if (!work->compact || pieces <= 0)
        return;
    for (slong k = 0; k < work->variables - 1; k++)
        count *= pieces;
    values_init(&values, work, work->h);
    theorem->piece = flint_calloc((size_t) count, sizeof(caustic_theorem_piece));
    theorem->pieces = values.tape == NULL ? 0 : count;
    for (slong i = 0; i < theorem->pieces; i++)
    {
        caustic_theorem_piece * piece = theorem->piece + i;

        set_piece(piece, work, i, pieces);
        arb_init(piece->lower);
        arb_init(piece->upper);
        enclose_piece(piece, &values);
    }
    values_clear(&values);
}
