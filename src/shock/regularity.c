/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Before any infimum of h means anything, g must be positive and g and l must be C^2 on the whole
    region. Both are proved here, by balls on a cover of the interval [SHOCK-2] or, where an end is open or
    infinite, by the form of the expressions [SHOCK-3].
*/

#include <string.h>
#include "shock_internal.h"

/* Cells thinner than 2^-DEEPEST of the interval are not split again: the place is reported. */
#define DEEPEST 44

static void
interval_print(caustic_text_t out, const arb_t x)
{
    caustic_text_append(out, "[");
    caustic_print_lower(out, x, 6);
    caustic_text_append(out, ", ");
    caustic_print_upper(out, x, 6);
    caustic_text_append(out, "]");
}

/* The nodes below the roots, children before parents are visited last. Calls for each node until
   one returns 0. */
typedef int (* node_visitor)(caustic_expr node, void * param);

static int
nodes_visit(const work_struct * work, node_visitor visitor, void * param)
{
    const caustic_pool * pool = work->problem->pool;
    caustic_expr top = FLINT_MAX(work->problem->cometric, work->problem->loss), e;
    char * reached = flint_calloc((size_t) top + 1, 1);
    slong i;
    int go_on = 1;

    reached[work->problem->cometric] = 1;
    reached[work->problem->loss] = 1;
    /* a child's handle is smaller than its parent's */
    for (e = top; e > 0 && go_on; e--)
    {
        if (!reached[e])
            continue;
        for (i = 0; i < caustic_expr_arity(pool, e); i++)
            reached[caustic_expr_child(pool, e, i)] = 1;
        go_on = visitor(e, param);
    }
    flint_free(reached);
    return go_on;
}

/* Kinks **************************************************************************************/

static caustic_expr
find_kink(const work_struct * work, const arb_t cell)
{
    const caustic_shock_problem * problem = work->problem;
    caustic_expr kink = caustic_expr_kink(problem->pool, problem->loss, problem->z, cell, 2 * SEARCH_PRECISION);

    return kink != CAUSTIC_NONE ? kink
        : caustic_expr_kink(problem->pool, problem->cometric, problem->z, cell, 2 * SEARCH_PRECISION);
}

/* Says what is wrong on the thin cell. */
static void
explain_failure(work_struct * work, const arb_t cell, const arb_t cometric)
{
    caustic_expr kink = find_kink(work, cell);
    const char * z = caustic_expr_name(work->problem->pool, work->problem->z);

    if (kink != CAUSTIC_NONE)
    {
        caustic_text_append(work->detail, "the loss or the cometric has a kink, where the Hessian means nothing: ");
        caustic_expr_print(work->detail, work->problem->pool, kink);
        caustic_text_printf(work->detail, " changes branch at %s in ", z);
        interval_print(work->detail, cell);
        caustic_text_append(work->detail, "; take a box that keeps to one side of it");
        return;
    }
    if (arb_is_finite(cometric) && !arb_is_positive(cometric))
        caustic_text_printf(work->detail, "the cometric is not certified positive at %s in ", z);
    else
        caustic_text_printf(work->detail, "the loss or the cometric is not certified defined and smooth at %s in ", z);
    interval_print(work->detail, cell);
}

/* By balls ***********************************************************************************/

/* Depth first from the left over cells of [core_lower, core_upper], so that the first failure is
   the leftmost. [SHOCK-2] */
static int
prove_by_balls(work_struct * work)
{
    fmpz_t k, next;
    arb_t cell, middle, cometric;
    slong level = 0, tried = 0, limit = work->problem->box_limit, prec = 2 * SEARCH_PRECISION;
    int proved = 0, failed = 0, regular;

    fmpz_init(k);
    fmpz_init(next);
    arb_init(cell);
    arb_init(middle);
    arb_init(cometric);

    while (!proved && !failed)
    {
        fmpz_add_ui(next, k, 1);
        cell_ball(cell, work, k, next, level, prec);
        regular = curvature_is_regular(cometric, work, cell, prec);
        if (regular)
        {
            /* the next cell: the sibling on the right of the lowest ancestor that has one */
            fmpz_set(k, next);
            while (level > 0 && fmpz_is_even(k))
            {
                fmpz_fdiv_q_2exp(k, k, 1);
                level--;
            }
            proved = level == 0;
        }
        else if (level >= DEEPEST || ++tried > limit)
        {
            failed = 1;
            explain_failure(work, cell, cometric);
        }
        else
        {
            arb_set_arf(middle, arb_midref(cell));
            if (!region_is_point(&work->region) && curvature_is_regular(cometric, work, middle, prec) == 0
                && arb_is_finite(cometric) && arb_is_nonpositive(cometric))
            {
                failed = 1;
                caustic_text_printf(work->detail, "the cometric is not positive at %s = ",
                    caustic_expr_name(work->problem->pool, work->problem->z));
                interval_print(work->detail, middle);
            }
            fmpz_mul_2exp(k, k, 1);
            level++;
        }
    }

    fmpz_clear(k);
    fmpz_clear(next);
    arb_clear(cell);
    arb_clear(middle);
    arb_clear(cometric);
    return proved;
}

/* By form ************************************************************************************/

static int
node_is_regular(caustic_expr node, void * param)
{
    work_struct * work = param;
    const caustic_pool * pool = work->problem->pool;
    caustic_op op = caustic_expr_op(pool, node);
    caustic_expr argument;
    caustic_sign sign;
    const fmpq * exponent;
    int needs_positive = 0, needs_sign = 0;
    char * text;

    switch (op)
    {
        case CAUSTIC_OP_LOG:
            needs_positive = 1;
            break;
        case CAUSTIC_OP_POWER:
            exponent = caustic_expr_fmpq(pool, node);
            needs_positive = !fmpz_is_one(fmpq_denref(exponent));
            needs_sign = fmpq_sgn(exponent) < 0;
            break;
        case CAUSTIC_OP_TAN:
        case CAUSTIC_OP_ABS:
        case CAUSTIC_OP_RELU:
        case CAUSTIC_OP_SIGN:
        case CAUSTIC_OP_STEP:
            needs_sign = 1;
            break;
        default:
            break;
    }
    if (!needs_positive && !needs_sign)
        return 1;
    argument = caustic_expr_child(pool, node, 0);
    sign = op == CAUSTIC_OP_TAN ? CAUSTIC_SIGN_UNKNOWN : exact_sign(work, argument, &work->region);
    if (sign == CAUSTIC_SIGN_POSITIVE || (sign == CAUSTIC_SIGN_NEGATIVE && !needs_positive))
        return 1;
    caustic_text_append(work->detail, "not certified defined and smooth on the whole box: ");
    text = caustic_expr_string(pool, node);
    caustic_text_append(work->detail, text);
    flint_free(text);
    return 0;
}

static int
end_is_regular(work_struct * work, const fmpq_t end)
{
    arb_t x, cometric;
    int regular;

    arb_init(x);
    arb_init(cometric);
    arb_set_fmpq(x, end, 4 * SEARCH_PRECISION);
    regular = curvature_is_regular(cometric, work, x, 4 * SEARCH_PRECISION);
    if (!regular)
        explain_failure(work, x, cometric);
    arb_clear(x);
    arb_clear(cometric);
    return regular;
}

/* [SHOCK-3] */
static int
prove_by_form(work_struct * work)
{
    if (!nodes_visit(work, node_is_regular, work))
        return 0;
    if (exact_sign(work, work->problem->cometric, &work->region) != CAUSTIC_SIGN_POSITIVE)
    {
        caustic_text_append(work->detail, "the cometric is not certified positive on the whole box");
        return 0;
    }
    if (work->region.lower_included && !end_is_regular(work, work->region.lower))
        return 0;
    if (work->region.upper_included && !end_is_regular(work, work->region.upper))
        return 0;
    return 1;
}

/* A period of g and l says everything about them. [SHOCK-17] */
static int
prove_by_period(work_struct * work)
{
    caustic_expr roots[2] = { work->problem->cometric, work->problem->loss }, period;
    fmpq_t length;
    int proved = 0;

    fmpq_init(length);
    if (period_find(&period, length, work, roots, 2))
    {
        period_set_core(work, length);
        proved = prove_by_balls(work);
    }
    fmpq_clear(length);
    return proved;
}

int
regularity_prove(int * ends_regular, work_struct * work)
{
    const region_struct * region = &work->region;
    char * by_balls = NULL;
    int proved = 0;

    *ends_regular = 0;
    if (region_is_finite(region))
    {
        fmpq_set(work->core_lower, region->lower);
        fmpq_set(work->core_upper, region->upper);
        fmpq_sub(work->core_width, region->upper, region->lower);
        proved = *ends_regular = prove_by_balls(work);
        if (proved || region_is_point(region))
            return proved;
        if (region->lower_included && region->upper_included)
            by_balls = caustic_text_take(work->detail); /* names the place, which the form cannot */
    }
    else if (prove_by_period(work))
        return 1;
    caustic_text_reset(work->detail);
    proved = prove_by_form(work);
    if (!proved && by_balls != NULL)
    {
        caustic_text_reset(work->detail);
        caustic_text_append(work->detail, by_balls);
    }
    flint_free(by_balls);
    return proved;
}
