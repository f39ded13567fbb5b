/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Theorems in one parameter y about algebraic h: between finitely many critical y the sign of a function
    does not change along its sectors, so one rational y a cell decides the cell; what happens at
    the critical y follows from continuity. [FAMILY-4]
*/

#include <string.h>
#include <flint/arb_fmpz_poly.h>
#include <flint/fmpq_vec.h>
#include <flint/fmpz_poly_factor.h>
#include "base/polynomial.h"
#include "expression/algebraic.h"
#include "family/arrangement.h"
#include "family/theorem.h"

#define FIBER_PRECISION 128
#define POINT_PRECISION 1024

typedef struct
{
    const family_work * work;
    caustic_expr z;
    caustic_expr y;
    const caustic_interval_struct * box;
    const caustic_interval_struct * range; /* of y */
    curves_struct curves;
    cells_struct cells;
    int rational; /* no roots in what was added last */
    int ready;
}
plane_struct;

static void
plane_init(plane_struct * plane, const family_work * work)
{
    plane->work = work;
    plane->z = work->symbol[0];
    plane->y = work->symbol[1];
    plane->box = work->problem->box;
    plane->range = work->range;
    plane->rational = 0;
    plane->ready = work->variables == 2;
    curves_init(&plane->curves);
    cells_init(&plane->cells);
}

static void
plane_clear(plane_struct * plane)
{
    curves_clear(&plane->curves);
    cells_clear(&plane->cells);
}

static void
plane_add(plane_struct * plane, caustic_expr e)
{
    plane->ready = plane->ready
        && curves_add_zeros(&plane->curves, &plane->rational, plane->work->pool, e, plane->z, plane->y);
}

/* The same of what the user claims, which need not be defined everywhere. */
static void
plane_add_claim(plane_struct * plane, caustic_expr e)
{
    plane->ready = plane->ready && curves_add_breaks(&plane->curves, plane->work->pool, e, plane->z, plane->y);
}

static void
plane_divide(plane_struct * plane)
{
    plane->ready = plane->ready && cells_set(&plane->cells, &plane->curves, plane->box, plane->range);
}

static int
plane_sign(const plane_struct * plane, caustic_expr e, const fmpq_t z, const fmpq_t y)
{
    fmpq * point = _fmpq_vec_init(2);
    int sign;

    fmpq_set(point, z);
    fmpq_set(point + 1, y);
    sign = sign_at(plane->work, e, point);
    _fmpq_vec_clear(point, 2);
    return sign;
}

static void
undecided(claim_struct * claim, const char * why)
{
    claim->verdict = CAUSTIC_UNDECIDED;
    caustic_text_reset(claim->text);
    caustic_text_append(claim->text, why);
}

static void
print_number(caustic_text_t out, const fmpq_t x)
{
    char * text = fmpq_get_str(NULL, 10, x);

    caustic_text_append(out, text);
    flint_free(text);
}

/* A verdict REFUTED, with "at y = ...: " */
static void
refute_at(claim_struct * claim, const family_work * work, const fmpq_t y)
{
    claim->verdict = CAUSTIC_REFUTED;
    caustic_text_reset(claim->text);
    caustic_text_append(claim->text, "at ");
    print_values(claim->text, work, y);
    caustic_text_append(claim->text, ": ");
}

/* Over one y *********************************************************************************/

typedef enum { NO_SHOCK = 1, SHOCK, SHOCK_UNKNOWN } shock_answer;

/* Whether h < 0 somewhere on the line over y: in a sector of the curves of h. `where` is then a place. */
static shock_answer
shock_over(fmpq_t where, const plane_struct * plane, caustic_expr h, const curves_struct * curves, const fmpq_t y)
{
    shock_answer answer = NO_SHOCK;
    fiber_struct fiber;

    fiber_init(&fiber);
    if (!fiber_set(&fiber, curves, plane->box, y, FIBER_PRECISION))
        answer = SHOCK_UNKNOWN;
    for (slong i = 0; i <= fiber.roots && fiber.sample != NULL && answer != SHOCK; i++)
    {
        int sign = plane_sign(plane, h, fiber.sample + i, y);

        if (sign < 0)
        {
            answer = SHOCK;
            fmpq_set(where, fiber.sample + i);
        }
        else if (sign == 0)
            answer = SHOCK_UNKNOWN;
    }
    fiber_clear(&fiber);
    return answer;
}

/* Critical values ****************************************************************************/

/* The root, where it is a rational number that is found; of the ball itself: a wider one may hold a neighbour. */
static int
rational_root(fmpq_t q, const cells_struct * cells, slong i)
{
    slong prec = arb_bits(cells->root + i) + FIBER_PRECISION;
    arf_t a, b;
    fmpq_t lower, upper;
    int found;

    arf_init(a);
    arf_init(b);
    fmpq_init(lower);
    fmpq_init(upper);
    arb_get_lbound_arf(a, cells->root + i, prec);
    arb_get_ubound_arf(b, cells->root + i, prec);
    arf_get_fmpq(lower, a);
    arf_get_fmpq(upper, b);
    fmpq_simplest_between(q, lower, upper);
    found = arb_contains_fmpq(cells->root + i, q) && polynomial_vanishes_at(cells->critical, q);
    arf_clear(a);
    arf_clear(b);
    fmpq_clear(lower);
    fmpq_clear(upper);
    return found;
}

static void
evaluate_one(arb_t value, const family_work * work, caustic_expr e, caustic_expr symbol, const arb_t x, slong prec)
{
    caustic_tape * tape = caustic_tape_new(work->pool, &e, 1, &symbol, 1);

    arb_indeterminate(value);
    if (tape != NULL)
    {
        caustic_tape_evaluate_arb(value, tape, x, prec);
        caustic_tape_free(tape);
    }
}

/* The numerator of e(y), where e is a rational function of y alone. */
static int
numerator_of(fmpz_poly_t p, const family_work * work, caustic_expr e)
{
    fmpz_poly_t q;
    gr_ctx_t line;
    gr_ptr x;
    int found;

    fmpz_poly_init(q);
    caustic_field_ctx_init(line, work->pool, work->symbol + 1, work->problem->family->setting->coordinate_domain + 1, 1);
    x = gr_heap_init(line);
    found = caustic_field_set_expr(x, e, line) == GR_SUCCESS && caustic_field_get_fmpz_poly_q(p, q, x, 0, line);
    gr_heap_clear(x, line);
    gr_ctx_clear(line);
    fmpz_poly_clear(q);
    return found;
}

/* The critical number as an exact one: a root of the factor of the critical polynomial that may vanish in its ball. */
static int
exact_root(qqbar_t root, const cells_struct * cells, slong i)
{
    fmpz_poly_factor_t factors;
    slong found = -1, candidates = 0, roots = 0;
    qqbar_ptr all;
    arb_t value;

    fmpz_poly_factor_init(factors);
    arb_init(value);
    fmpz_poly_factor(factors, cells->critical);
    for (slong k = 0; k < factors->num; k++)
    {
        arb_fmpz_poly_evaluate_arb(value, factors->p + k, cells->root + i, FIBER_PRECISION);
        if (arb_contains_zero(value))
        {
            found = k;
            candidates++;
        }
    }
    if (candidates == 1 && fmpz_poly_degree(factors->p + found) <= ALGEBRAIC_DEGREE)
    {
        slong degree = fmpz_poly_degree(factors->p + found);

        all = _qqbar_vec_init(degree);
        qqbar_roots_fmpz_poly(all, factors->p + found, QQBAR_ROOTS_IRREDUCIBLE);
        for (slong k = 0; k < degree; k++)
            if (qqbar_is_real(all + k))
            {
                qqbar_get_arb(value, all + k, 2 * FIBER_PRECISION);
                if (arb_overlaps(value, cells->root + i))
                {
                    qqbar_set(root, all + k);
                    roots++;
                }
            }
        _qqbar_vec_clear(all, degree);
    }
    arb_clear(value);
    fmpz_poly_factor_clear(factors);
    return roots == 1;
}

/* Whether e is 0 there, by computing with algebraic numbers: e may have roots. */
static int
vanishes_at_root(const family_work * work, caustic_expr e, const cells_struct * cells, slong i)
{
    qqbar_t root, value;
    int vanishes;

    qqbar_init(root);
    qqbar_init(value);
    vanishes = exact_root(root, cells, i) && algebraic_of_expr(value, work->pool, e, work->symbol[1], root) && qqbar_is_zero(value);
    qqbar_clear(root);
    qqbar_clear(value);
    return vanishes;
}

/* The sign of e at an irrational critical y; 2 where it is not known. Zero: where the other factors of the critical
   polynomial are not zero there, the numerator of e is. */
static int
sign_at_root(const family_work * work, caustic_expr e, const cells_struct * cells, slong i)
{
    fmpz_poly_t p, rest;
    arb_t value;
    int sign = 2;

    arb_init(value);
    fmpz_poly_init(p);
    fmpz_poly_init(rest);
    evaluate_one(value, work, e, work->symbol[1], cells->root + i, FIBER_PRECISION);
    if (arb_is_finite(value) && !arb_contains_zero(value))
        sign = arb_is_positive(value) ? 1 : -1;
    else if (numerator_of(p, work, e) && !fmpz_poly_is_zero(p))
    {
        fmpz_poly_gcd(p, p, cells->critical);
        fmpz_poly_div(rest, cells->critical, p);
        arb_fmpz_poly_evaluate_arb(value, rest, cells->root + i, FIBER_PRECISION);
        sign = arb_contains_zero(value) ? 2 : 0;
    }
    if (sign == 2 && vanishes_at_root(work, e, cells, i))
        sign = 0;
    arb_clear(value);
    fmpz_poly_clear(p);
    fmpz_poly_clear(rest);
    return sign;
}

int
sign_at_number(const family_work * work, caustic_expr e, const fmpq_t y)
{
    caustic_expr number = caustic_number(work->pool, y), value = caustic_substitute(work->pool, e, work->symbol + 1, &number, 1);
    fmpq * point;
    int sign;

    if (value == CAUSTIC_NONE)
        return 2;
    if (caustic_expr_op(work->pool, value) == CAUSTIC_OP_NUMBER)
        return fmpq_sgn(caustic_expr_fmpq(work->pool, value));
    point = _fmpq_vec_init(2);
    fmpq_set(point + 1, y);
    sign = sign_at(work, e, point);
    _fmpq_vec_clear(point, 2);
    return sign == 0 ? 2 : sign;
}

/* Threshold **********************************************************************************/

typedef struct
{
    plane_struct plane;
    curves_struct own;      /* of h alone: a line over a zero of the claim has no curve of it */
    shock_answer * answer;  /* in each cell */
    fmpq * where;           /* a place with h < 0 */
    caustic_expr claim;
    int strict;
}
threshold_struct;

static int
claim_holds(const threshold_struct * threshold, int sign)
{
    return threshold->strict ? sign > 0 : sign >= 0;
}

/* What is true at y against what is claimed. 1: they agree. */
static int
compare(claim_struct * claim, const threshold_struct * threshold, const fmpq_t y, shock_answer answer, int sign, const fmpq_t where)
{
    if (answer == SHOCK_UNKNOWN || sign == 2)
    {
        undecided(claim, "");
        caustic_text_append(claim->text, answer == SHOCK_UNKNOWN ? "whether there is a shock was not decided at "
            : "the sign of the claimed expression was not decided at ");
        print_values(claim->text, threshold->plane.work, y);
        return 0;
    }
    if ((answer == NO_SHOCK) == claim_holds(threshold, sign))
        return 1;
    refute_at(claim, threshold->plane.work, y);
    if (answer == NO_SHOCK)
        caustic_text_append(claim->text, "there is no shock, although the claim says there is one");
    else
    {
        caustic_text_printf(claim->text, "there is a shock, h < 0 at %s = ", caustic_expr_name(threshold->plane.work->pool, threshold->plane.z));
        print_number(claim->text, where);
        caustic_text_append(claim->text, ", although the claim says there is none");
    }
    return 0;
}

static int
threshold_cells(claim_struct * claim, threshold_struct * threshold)
{
    const cells_struct * cells = &threshold->plane.cells;
    int agree = 1;

    for (slong i = 0; i <= cells->roots && agree; i++)
    {
        threshold->answer[i] = shock_over(threshold->where + i, &threshold->plane, threshold->plane.work->h, &threshold->own, cells->sample + i);
        agree = compare(claim, threshold, cells->sample + i, threshold->answer[i],
            sign_at_number(threshold->plane.work, threshold->claim, cells->sample + i), threshold->where + i);
    }
    return agree;
}

static int
threshold_at_number(claim_struct * claim, threshold_struct * threshold, const fmpq_t y, int beside_no_shock)
{
    shock_answer answer = NO_SHOCK;
    fmpq_t where;
    int agree;

    fmpq_init(where);
    if (!beside_no_shock)
        answer = shock_over(where, &threshold->plane, threshold->plane.work->h, &threshold->own, y);
    agree = compare(claim, threshold, y, answer, sign_at_number(threshold->plane.work, threshold->claim, y), where);
    fmpq_clear(where);
    return agree;
}

/* h < 0 at the place beside it, for all y of the ball */
static shock_answer
shock_at_root(const threshold_struct * threshold, slong i)
{
    const family_work * work = threshold->plane.work;
    const cells_struct * cells = &threshold->plane.cells;
    shock_answer answer = SHOCK_UNKNOWN;
    arb_t value;

    arb_init(value);
    for (slong k = i; k <= i + 1; k++)
    {
        caustic_expr number = caustic_number(work->pool, threshold->where + k);

        evaluate_one(value, work, caustic_substitute(work->pool, work->h, work->symbol, &number, 1), work->symbol[1],
            cells->root + i, FIBER_PRECISION);
        if (arb_is_finite(value) && arb_is_negative(value))
            answer = SHOCK;
    }
    arb_clear(value);
    return answer;
}

/* The set of y without a shock is closed: it is the intersection of the sets h(z, .) >= 0. */
static int
threshold_at_roots(claim_struct * claim, threshold_struct * threshold)
{
    const cells_struct * cells = &threshold->plane.cells;
    fmpq_t y;
    int agree = 1;

    fmpq_init(y);
    for (slong i = 0; i < cells->roots && agree; i++)
    {
        int beside = threshold->answer[i] == NO_SHOCK || threshold->answer[i + 1] == NO_SHOCK, sign;
        shock_answer answer;

        if (rational_root(y, cells, i))
        {
            agree = threshold_at_number(claim, threshold, y, beside);
            continue;
        }
        sign = sign_at_root(threshold->plane.work, threshold->claim, cells, i);
        answer = beside ? NO_SHOCK : shock_at_root(threshold, i);
        agree = answer != SHOCK_UNKNOWN && sign != 2 && (answer == NO_SHOCK) == claim_holds(threshold, sign);
        if (!agree)
        {
            undecided(claim, answer == SHOCK_UNKNOWN || sign == 2 ? "not decided at the irrational number "
                : answer == NO_SHOCK ? "there is no shock, although the claim says there is one, at the irrational number "
                : "there is a shock, although the claim says there is none, at the irrational number ");
            if (answer != SHOCK_UNKNOWN && sign != 2)
                claim->verdict = CAUSTIC_REFUTED;
            caustic_text_printf(claim->text, "%s = ", caustic_expr_name(threshold->plane.work->pool, threshold->plane.y));
            caustic_print_lower(claim->text, cells->root + i, 30);
            caustic_text_append(claim->text, "...");
        }
    }
    fmpq_clear(y);
    return agree;
}

static int
threshold_at_ends(claim_struct * claim, threshold_struct * threshold)
{
    const caustic_interval_struct * range = threshold->plane.range;
    slong last = threshold->plane.cells.roots;

    return (!range->lower_closed || threshold_at_number(claim, threshold, range->lower, threshold->answer[0] == NO_SHOCK))
        && (!range->upper_closed || threshold_at_number(claim, threshold, range->upper, threshold->answer[last] == NO_SHOCK));
}

/* Where shocks begin and end. */
static void
describe_threshold(claim_struct * claim, const threshold_struct * threshold)
{
    const cells_struct * cells = &threshold->plane.cells;
    const char * name = caustic_expr_name(threshold->plane.work->pool, threshold->plane.y);

    claim->verdict = CAUSTIC_PROVED;
    caustic_text_printf(claim->text, "by algebra on the whole interval, its ends and every critical %s included: %ld cells between %ld critical numbers",
        name, (long) cells->roots + 1, (long) cells->roots);
    for (slong i = 0; i < cells->roots; i++)
        if (threshold->answer[i] != threshold->answer[i + 1])
        {
            caustic_text_printf(claim->text, "; shocks %s at %s = ", threshold->answer[i] == SHOCK ? "end" : "begin", name);
            caustic_print_lower(claim->text, cells->root + i, 20);
            caustic_text_append(claim->text, "...");
        }
}

static void
decide_threshold(claim_struct * claim, const family_work * work, caustic_expr e, int strict)
{
    threshold_struct threshold;
    int rational;

    plane_init(&threshold.plane, work);
    curves_init(&threshold.own);
    threshold.claim = e;
    threshold.strict = strict;
    plane_add(&threshold.plane, work->h);
    if (caustic_expr_op(work->pool, e) != CAUSTIC_OP_NUMBER)
        plane_add_claim(&threshold.plane, e);
    plane_divide(&threshold.plane);
    if (!threshold.plane.ready || !curves_add_zeros(&threshold.own, &rational, work->pool, work->h, threshold.plane.z, threshold.plane.y))
        undecided(claim, "thresholds are decided by algebra, for one parameter and functions made of numbers, sums, products and a few roots");
    else
    {
        threshold.answer = flint_calloc((size_t) threshold.plane.cells.roots + 1, sizeof(shock_answer));
        threshold.where = _fmpq_vec_init(threshold.plane.cells.roots + 1);
        if (threshold_cells(claim, &threshold) && threshold_at_roots(claim, &threshold) && threshold_at_ends(claim, &threshold))
            describe_threshold(claim, &threshold);
        _fmpq_vec_clear(threshold.where, threshold.plane.cells.roots + 1);
        flint_free(threshold.answer);
    }
    curves_clear(&threshold.own);
    plane_clear(&threshold.plane);
}

void
exact_threshold(claim_struct * claim, const family_work * work)
{
    decide_threshold(claim, work, work->problem->no_shock_iff, work->problem->strict);
}

/* No shock at all: where and only where 1 >= 0. */
void
exact_none(claim_struct * claim, const family_work * work)
{
    decide_threshold(claim, work, caustic_integer(work->pool, 1), 0);
}

/* Closed forms *******************************************************************************/

/* Whether e vanishes where a curve crosses the line over y, at a place inside the box, or at an end of it. e has no
   roots: where its value at a crossing is finite and may be 0, no denominator vanishes there, so its numerator does. */
static truth_t
vanishes_over(const plane_struct * plane, caustic_expr e, const fmpq_t y)
{
    const family_work * work = plane->work;
    caustic_expr number = caustic_number(work->pool, y), over = caustic_substitute(work->pool, e, work->symbol + 1, &number, 1);
    fiber_struct fiber;
    arb_t value;
    int found = 0, finite = 1, known;

    if (over == CAUSTIC_NONE)
        return T_UNKNOWN;
    arb_init(value);
    fiber_init(&fiber);
    known = fiber_set(&fiber, &plane->curves, plane->box, y, POINT_PRECISION);
    for (slong i = 0; known && i < fiber.roots && !found; i++)
    {
        evaluate_one(value, work, over, plane->z, fiber.root + i, POINT_PRECISION);
        finite = finite && arb_is_finite(value);
        found = arb_is_finite(value) && arb_contains_zero(value);
    }
    for (int side = 0; side < 2 && !found; side++)
        if (!(side ? plane->box->upper_infinite : plane->box->lower_infinite))
        {
            caustic_expr end = caustic_number(work->pool, side ? plane->box->upper : plane->box->lower), at;

            at = caustic_substitute(work->pool, over, &plane->z, &end, 1);
            known = known && at != CAUSTIC_NONE && caustic_expr_op(work->pool, at) == CAUSTIC_OP_NUMBER;
            found = at != CAUSTIC_NONE && caustic_expr_op(work->pool, at) == CAUSTIC_OP_NUMBER
                && fmpq_is_zero(caustic_expr_fmpq(work->pool, at));
        }
    fiber_clear(&fiber);
    arb_clear(value);
    return found ? T_TRUE : known && finite ? T_FALSE : T_UNKNOWN;
}

/* Over the sample of a cell: time > 0, time h + 1 > 0 in every sector. */
static int
time_is_least_over(claim_struct * claim, const plane_struct * plane, caustic_expr time, caustic_expr e, const fmpq_t y)
{
    int sign = sign_at_number(plane->work, time, y);
    fmpq_t where;
    shock_answer answer;

    if (sign != 1)
    {
        if (sign == 2)
            undecided(claim, "the sign of the claimed time was not decided");
        else
        {
            refute_at(claim, plane->work, y);
            caustic_text_append(claim->text, "the claimed time is not positive");
        }
        return 0;
    }
    fmpq_init(where);
    answer = shock_over(where, plane, e, &plane->curves, y);
    if (answer == SHOCK)
    {
        refute_at(claim, plane->work, y);
        caustic_text_printf(claim->text, "the characteristic from %s = ", caustic_expr_name(plane->work->pool, plane->z));
        print_number(claim->text, where);
        caustic_text_append(claim->text, " focuses before the claimed time");
    }
    else if (answer == SHOCK_UNKNOWN)
        undecided(claim, "a sign in a sector was not decided");
    fmpq_clear(where);
    return answer == NO_SHOCK;
}

static int
time_is_taken_over(claim_struct * claim, const plane_struct * plane, caustic_expr e, const fmpq_t y)
{
    truth_t vanishes;

    if (!plane->rational)
    {
        undecided(claim, "no characteristic focuses before the claimed time; that one focuses then is proved from a formula for"
            " its foot (shock_at), or where the functions have no roots");
        return 0;
    }
    vanishes = vanishes_over(plane, e, y);
    if (vanishes == T_TRUE)
        return 1;
    if (vanishes == T_FALSE && plane->work->compact)
    {
        refute_at(claim, plane->work, y);
        caustic_text_append(claim->text, "no characteristic has focused by the claimed time");
    }
    else
        undecided(claim, vanishes == T_FALSE ? "no characteristic focuses before the claimed time; on an infinite box it may still be a limit"
            : "no characteristic focuses before the claimed time; that one focuses then was not decided");
    return 0;
}

void
exact_time(claim_struct * claim, const family_work * work, caustic_expr time, caustic_expr at)
{
    caustic_pool * pool = work->pool;
    caustic_expr e = caustic_add(pool, caustic_mul(pool, time, work->h), caustic_integer(pool, 1));
    plane_struct plane;
    int along = at != CAUSTIC_NONE && e != CAUSTIC_NONE && vanishes_along(work, e, at), good;

    plane_init(&plane, work);
    if (caustic_expr_op(pool, time) != CAUSTIC_OP_NUMBER)
        plane_add(&plane, time);
    plane_add(&plane, e);
    plane_divide(&plane);
    good = plane.ready;
    if (!good)
        undecided(claim, "not decided by algebra, which is for one parameter and functions made of numbers, sums, products and a few roots");
    for (slong i = 0; i <= plane.cells.roots && good; i++)
        good = time_is_least_over(claim, &plane, time, e, plane.cells.sample + i);
    for (slong i = 0; i <= plane.cells.roots && good && !along; i++)
        good = time_is_taken_over(claim, &plane, e, plane.cells.sample + i);
    /* [FAMILY-5] between the cells: by continuity of inf h over a compact box, or along the formula */
    if (good && !along && !work->compact)
    {
        good = 0;
        undecided(claim, "proved for all but finitely many values; on an infinite box the others need a formula for the foot (shock_at)");
    }
    if (good)
    {
        claim->verdict = CAUSTIC_PROVED;
        caustic_text_printf(claim->text, "an identity, by algebra on the whole interval: %ld cells between %ld critical numbers, which follow by continuity; %s",
            (long) plane.cells.roots + 1, (long) plane.cells.roots, along ? "the time is taken at the claimed place" : "the time is taken where h is least");
    }
    plane_clear(&plane);
}

/* Near an end of the interval ****************************************************************/

int
exact_shock_near_end(const family_work * work, int upper)
{
    shock_answer answer = SHOCK_UNKNOWN;
    plane_struct plane;
    fmpq_t where;

    fmpq_init(where);
    plane_init(&plane, work);
    plane_add(&plane, work->h);
    plane_divide(&plane);
    if (plane.ready)
        answer = shock_over(where, &plane, work->h, &plane.curves, plane.cells.sample + (upper ? plane.cells.roots : 0));
    plane_clear(&plane);
    fmpq_clear(where);
    return answer == SHOCK ? 1 : answer == NO_SHOCK ? 0 : -1;
}

int
exact_time_near_end(const family_work * work, caustic_expr time, int upper)
{
    caustic_pool * pool = work->pool;
    caustic_expr e = caustic_add(pool, caustic_mul(pool, time, work->h), caustic_integer(pool, 1));
    shock_answer answer = SHOCK_UNKNOWN;
    plane_struct plane;
    fmpq_t where;

    fmpq_init(where);
    plane_init(&plane, work);
    if (caustic_expr_op(pool, time) != CAUSTIC_OP_NUMBER)
        plane_add(&plane, time);
    plane_add(&plane, e);
    plane_divide(&plane);
    if (plane.ready)
    {
        const fmpq * y = plane.cells.sample + (upper ? plane.cells.roots : 0);

        if (sign_at_number(work, time, y) == 1)
            answer = shock_over(where, &plane, e, &plane.curves, y);
    }
    plane_clear(&plane);
    fmpq_clear(where);
    return answer == SHOCK ? -1 : answer == NO_SHOCK ? 1 : 0;
}

/* Places *************************************************************************************/

/* The coefficient of z^k, a polynomial in y. */
static caustic_expr
coefficient_expr(const plane_struct * plane, const fmpz_mpoly_t f, ulong k)
{
    caustic_pool * pool = plane->work->pool;
    caustic_expr sum = caustic_integer(pool, 0);
    fmpz_t c;
    fmpq_t q;

    fmpz_init(c);
    fmpq_init(q);
    for (slong i = 0; i < fmpz_mpoly_length(f, plane->curves.ctx); i++)
        if (fmpz_mpoly_get_term_var_exp_ui(f, i, 0, plane->curves.ctx) == k)
        {
            fmpz_mpoly_get_term_coeff_fmpz(c, f, i, plane->curves.ctx);
            fmpq_set_fmpz(q, c);
            sum = caustic_add(pool, sum, caustic_mul(pool, caustic_number(pool, q),
                caustic_power_si(pool, plane->y, fmpz_mpoly_get_term_var_exp_si(f, i, 1, plane->curves.ctx))));
        }
    fmpz_clear(c);
    fmpq_clear(q);
    return sum;
}

/* The roots in z of a z + b or a z^2 + b z + c. */
static slong
solve_for_place(caustic_expr * place, const plane_struct * plane, const fmpz_mpoly_t f)
{
    caustic_pool * pool = plane->work->pool;
    slong degree = fmpz_mpoly_degree_si(f, 0, plane->curves.ctx);
    caustic_expr a, b, c, root, twice;

    if (degree < 1 || degree > 2)
        return 0;
    c = coefficient_expr(plane, f, 0);
    b = coefficient_expr(plane, f, 1);
    if (degree == 1)
    {
        place[0] = caustic_neg(pool, caustic_div(pool, c, b));
        return place[0] != CAUSTIC_NONE;
    }
    a = coefficient_expr(plane, f, 2);
    twice = caustic_mul(pool, caustic_integer(pool, 2), a);
    root = caustic_sqrt(pool, caustic_sub(pool, caustic_power_si(pool, b, 2), caustic_mul(pool, caustic_integer(pool, 4), caustic_mul(pool, a, c))));
    if (root == CAUSTIC_NONE)
        return 0;
    place[0] = caustic_div(pool, caustic_sub(pool, root, b), twice);
    place[1] = caustic_neg(pool, caustic_div(pool, caustic_add(pool, root, b), twice));
    return place[0] == CAUSTIC_NONE || place[1] == CAUSTIC_NONE ? 0 : 2;
}

slong
exact_places(caustic_expr * place, const family_work * work)
{
    plane_struct plane;
    slong length = 0;

    plane_init(&plane, work);
    plane_add(&plane, work->h_z);
    for (slong i = 0; i < plane.curves.length && plane.ready && length + 2 <= EXACT_PLACES; i++)
        length += solve_for_place(place + length, &plane, plane.curves.factor + i);
    plane_clear(&plane);
    return length;
}

/* Monotonicity *******************************************************************************/

/* A place over y where h may be least, with values there; kept to be compared with the others. */
typedef struct
{
    arb_t h;
    arb_t rate; /* h_y */
}
candidate_struct;

typedef struct
{
    candidate_struct * candidate;
    slong length;
}
candidates_struct;

static void
add_candidate(candidates_struct * candidates, const plane_struct * plane, const caustic_expr * over, const arb_t z)
{
    candidate_struct * new = candidates->candidate + candidates->length++;

    arb_init(new->h);
    arb_init(new->rate);
    evaluate_one(new->h, plane->work, over[0], plane->z, z, POINT_PRECISION);
    evaluate_one(new->rate, plane->work, over[1], plane->z, z, POINT_PRECISION);
}

/* h falls up to the crossing and rises after it, as far as the sectors beside it tell. */
static int
may_be_least(const plane_struct * plane, const fiber_struct * fiber, slong i, const fmpq_t y)
{
    return plane_sign(plane, plane->work->h_z, fiber->sample + i, y) <= 0
        && plane_sign(plane, plane->work->h_z, fiber->sample + i + 1, y) >= 0;
}

/* Outside the outermost crossings h rises towards an infinite end, or is positive. */
static int
infinite_end_is_high(const plane_struct * plane, const fiber_struct * fiber, const fmpq_t y, int side)
{
    const fmpq * z = fiber->sample + (side < 0 ? 0 : fiber->roots);

    return plane_sign(plane, plane->work->h_z, z, y) == side || plane_sign(plane, plane->work->h, z, y) > 0;
}

/* 0: h may be least at an infinite end. */
static int
find_candidates(candidates_struct * candidates, const plane_struct * plane, const fiber_struct * fiber, const caustic_expr * over, const fmpq_t y)
{
    arb_t end;
    int finite = 1;

    arb_init(end);
    candidates->candidate = flint_malloc((size_t) (fiber->roots + 2) * sizeof(candidate_struct));
    for (slong i = 0; i < fiber->roots; i++)
        if (may_be_least(plane, fiber, i, y))
            add_candidate(candidates, plane, over, fiber->root + i);
    for (int side = -1; side <= 1; side += 2)
        if (side < 0 ? plane->box->lower_infinite : plane->box->upper_infinite)
            finite = finite && infinite_end_is_high(plane, fiber, y, side);
        /* no minimum at an end to which h rises */
        else if (plane_sign(plane, plane->work->h_z, fiber->sample + (side < 0 ? 0 : fiber->roots), y) != side)
        {
            arb_set_fmpq(end, side < 0 ? plane->box->lower : plane->box->upper, POINT_PRECISION);
            add_candidate(candidates, plane, over, end);
        }
    arb_clear(end);
    return finite;
}

/* h < 0 there, and larger at all other candidates. */
static int
is_the_least(const candidates_struct * candidates, slong k)
{
    int least = arb_is_finite(candidates->candidate[k].h) && arb_is_negative(candidates->candidate[k].h);

    for (slong i = 0; i < candidates->length && least; i++)
        least = i == k || arb_gt(candidates->candidate[i].h, candidates->candidate[k].h);
    return least;
}

static int
candidates_are_right(claim_struct * claim, const plane_struct * plane, const candidates_struct * candidates, const fmpq_t y, int direction)
{
    for (slong k = 0; k < candidates->length; k++)
    {
        const candidate_struct * here = candidates->candidate + k;

        /* T* = -1/inf h changes like inf h; where h >= 0 nothing focuses */
        if ((arb_is_finite(here->h) && arb_is_nonnegative(here->h))
            || (arb_is_finite(here->rate) && (direction > 0 ? arb_is_positive(here->rate) : arb_is_negative(here->rate))))
            continue;
        if (arb_is_finite(here->rate) && arb_is_nonzero(here->rate) && is_the_least(candidates, k))
        {
            refute_at(claim, plane->work, y);
            caustic_text_printf(claim->text, "dT*/d%s is %s there", caustic_expr_name(plane->work->pool, plane->y), direction > 0 ? "negative" : "positive");
        }
        else
        {
            undecided(claim, "the derivative at a place where h may be least has not the claimed sign, or none that is certain, at ");
            print_values(claim->text, plane->work, y);
        }
        return 0;
    }
    return 1;
}

static int
monotone_over(claim_struct * claim, const plane_struct * plane, caustic_expr h_y, const fmpq_t y, int direction)
{
    const family_work * work = plane->work;
    caustic_expr number = caustic_number(work->pool, y), over[2];
    candidates_struct candidates = {NULL, 0};
    fiber_struct fiber;
    int right;

    over[0] = caustic_substitute(work->pool, work->h, work->symbol + 1, &number, 1);
    over[1] = caustic_substitute(work->pool, h_y, work->symbol + 1, &number, 1);
    fiber_init(&fiber);
    right = over[0] != CAUSTIC_NONE && over[1] != CAUSTIC_NONE && fiber_set(&fiber, &plane->curves, plane->box, y, POINT_PRECISION);
    if (!right)
        undecided(claim, "the critical points over a value were not isolated");
    else if (!find_candidates(&candidates, plane, &fiber, over, y))
    {
        undecided(claim, "h may be least at an infinite end of the box");
        right = 0;
    }
    else
        right = candidates_are_right(claim, plane, &candidates, y, direction);
    for (slong i = 0; i < candidates.length; i++)
    {
        arb_clear(candidates.candidate[i].h);
        arb_clear(candidates.candidate[i].rate);
    }
    flint_free(candidates.candidate);
    fiber_clear(&fiber);
    return right;
}

/* On an infinite box inf h is continuous where no zero of h_z comes from infinity: where nothing is critical. */
static int
infimum_is_continuous(const plane_struct * plane)
{
    return plane->work->compact || (plane->cells.roots == 0 && !plane->cells.critical_ends);
}

void
exact_monotone(claim_struct * claim, const family_work * work, int direction)
{
    caustic_expr h_y = caustic_derivative(work->pool, work->h, work->symbol[1]);
    plane_struct plane;
    int right;

    plane_init(&plane, work);
    plane_add(&plane, work->h);
    plane_add(&plane, work->h_z);
    plane_add(&plane, h_y);
    plane_divide(&plane);
    right = plane.ready && infimum_is_continuous(&plane);
    if (!right)
        undecided(claim, "not decided by algebra");
    for (slong i = 0; i <= plane.cells.roots && right; i++)
        right = monotone_over(claim, &plane, h_y, plane.cells.sample + i, direction);
    if (right)
    {
        claim->verdict = CAUSTIC_PROVED;
        caustic_text_printf(claim->text, "by algebra on the whole interval: dT*/d%s = h_%s/h^2 at every place where h may be least has the"
            " claimed sign, in %ld cells between %ld critical numbers", caustic_expr_name(work->pool, plane.y),
            caustic_expr_name(work->pool, plane.y), (long) plane.cells.roots + 1, (long) plane.cells.roots);
    }
    plane_clear(&plane);
}
