/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <string.h>
#include <caustic/equations.h>

/* The jet of the unknowns: coordinates, nu, and every symbol that occurs, each on its domain. */
static slong
collect_symbols(caustic_expr ** symbols, const caustic_equations_t equations, const caustic_expr * expressions, slong length)
{
    caustic_pool * pool = equations->pool;
    slong d = equations->dimension, count = d + 1;

    *symbols = flint_malloc((size_t) count * sizeof(caustic_expr));
    for (slong i = 0; i < d; i++)
        (*symbols)[i] = equations->coordinate[i];
    (*symbols)[d] = equations->viscosity;

    for (slong e = 0; e < length; e++)
    {
        caustic_expr * found;
        slong found_length = caustic_expr_symbols(&found, pool, expressions[e]);

        for (slong i = 0; i < found_length; i++)
        {
            slong j = 0;

            while (j < count && (*symbols)[j] != found[i])
                j++;

            if (j == count)
            {
                *symbols = flint_realloc(*symbols, (size_t) (count + 1) * sizeof(caustic_expr));
                (*symbols)[count++] = found[i];
            }
        }

        flint_free(found);
    }

    return count;
}

/* Claims may write v_w_z for v_z_w: each legal name of a derivative goes to its symbol in
   coordinate order. */
static caustic_expr
symmetrised(const caustic_equations_t equations, caustic_expr e)
{
    caustic_pool * pool = equations->pool;
    slong d = equations->dimension;
    caustic_expr * symbols;
    slong length = caustic_expr_symbols(&symbols, pool, e);
    caustic_expr * values = flint_malloc((size_t) FLINT_MAX(length, 1) * sizeof(caustic_expr));

    for (slong s = 0; s < length; s++)
    {
        char * name = caustic_string_copy(caustic_expr_name(pool, symbols[s]));
        char * rest = strchr(name, '_'), * more;
        slong indices[3], count = 0;
        int time_derivative = 0, known = 1;

        values[s] = symbols[s];

        if (rest != NULL)
        {
            *rest++ = '\0';

            for (char * part = strtok_r(rest, "_", &more); part != NULL && known; part = strtok_r(NULL, "_", &more))
            {
                slong i = 0;

                if (strcmp(part, "t") == 0)
                {
                    time_derivative = 1;
                    continue;
                }

                while (i < d && strcmp(part, caustic_expr_name(pool, equations->coordinate[i])) != 0)
                    i++;

                known = i < d && count < 3;
                if (known)
                    indices[count++] = i;
            }

            if (known)
                values[s] = caustic_equations_symbol(equations, name, indices, count, time_derivative);
        }

        flint_free(name);
    }

    e = caustic_substitute(pool, e, symbols, values, length);
    flint_free(symbols);
    flint_free(values);
    return e;
}

static caustic_expr
difference(const caustic_equations_t equations, const caustic_equation * equation)
{
    return symmetrised(equations, caustic_sub(equations->pool, equation->left, equation->right));
}

/* PROVED if the factor has no zeros, else UNDECIDED. */
static caustic_verdict
judge_factor(caustic_text_t detail, gr_srcptr factor, gr_ctx_t ctx)
{
    caustic_sign sign = caustic_field_sign(factor, ctx);
    char * text = caustic_expr_string(caustic_field_pool(ctx), caustic_field_get_expr(factor, ctx));
    caustic_verdict verdict = CAUSTIC_UNDECIDED;

    if (sign == CAUSTIC_SIGN_POSITIVE || sign == CAUSTIC_SIGN_NEGATIVE)
    {
        verdict = CAUSTIC_PROVED;
        caustic_text_append(detail, "equal to the derived equation");
        if (gr_is_one(factor, ctx) != T_TRUE)
            caustic_text_printf(detail, " times %s", text);
    }
    else
        caustic_text_printf(detail, "it is the derived equation times %s, which may vanish", text);

    flint_free(text);
    return verdict;
}

/* A claim that is not affine in the pivot p, as E + E^3 = 0: with b = slope p + ..., it must hold at
   p - b/slope, where the derived equation does, and nowhere else [EQUATIONS-2]. */
static caustic_verdict
compare_nonlinear(caustic_text_t detail, caustic_expr claimed, gr_srcptr a, gr_srcptr b, gr_srcptr slope, slong pivot,
    gr_ctx_t ctx)
{
    caustic_pool * pool = caustic_field_pool(ctx);
    caustic_expr symbol = caustic_field_symbol(pivot, ctx), solution;
    gr_ptr x, factor;
    caustic_witness_t witness;
    caustic_verdict verdict = CAUSTIC_UNDECIDED;
    truth_t zero = T_UNKNOWN;
    int status;

    GR_TMP_INIT2(x, factor, ctx);
    caustic_witness_init(witness, caustic_field_symbols(ctx));

    status = caustic_field_derivative(x, slope, pivot, ctx);
    if (status == GR_SUCCESS && gr_is_zero(x, ctx) == T_TRUE)
    {
        status |= gr_div(factor, b, slope, ctx);
        status |= caustic_field_set_expr(x, symbol, ctx);
        status |= gr_sub(x, x, factor, ctx);
        if (status == GR_SUCCESS)
        {
            solution = caustic_field_get_expr(x, ctx);
            status |= caustic_field_set_expr(x, caustic_substitute(pool, claimed, &symbol, &solution, 1), ctx);
        }
        if (status == GR_SUCCESS)
            zero = caustic_field_is_zero(x, witness, ctx);
    }

    if (zero == T_FALSE)
    {
        verdict = CAUSTIC_REFUTED;
        caustic_text_append(detail, "it differs from the derived equation: where that holds, left minus right of the claim is not 0: ");
        caustic_witness_print(detail, witness, ctx);
    }
    else if (zero == T_TRUE && gr_div(factor, a, b, ctx) == GR_SUCCESS)
        verdict = judge_factor(detail, factor, ctx);
    else
        caustic_text_append(detail, "the claim is not linear in the time derivative, and no rule decides it");

    GR_TMP_CLEAR2(x, factor, ctx);
    caustic_witness_clear(witness);
    return verdict;
}

/* claimed = factor derived, with factor the ratio of the slopes in the pivot [EQUATIONS-1]. */
static caustic_verdict
compare_in_field(caustic_text_t detail, caustic_expr claimed, caustic_expr derived, slong pivot, gr_ctx_t ctx)
{
    gr_ptr a, b, factor, slope, curvature;
    caustic_witness_t witness;
    caustic_verdict verdict = CAUSTIC_UNDECIDED;
    truth_t zero;
    int status;

    GR_TMP_INIT5(a, b, factor, slope, curvature, ctx);
    caustic_witness_init(witness, caustic_field_symbols(ctx));

    status = caustic_field_set_expr(a, claimed, ctx);
    status |= caustic_field_set_expr(b, derived, ctx);
    status |= caustic_field_derivative(factor, a, pivot, ctx);
    status |= caustic_field_derivative(slope, b, pivot, ctx);
    if (status == GR_SUCCESS)
        status |= gr_div(factor, factor, slope, ctx);

    if (status != GR_SUCCESS)
    {
        caustic_text_append(detail, "the exact field has no rule for the equation");
        goto cleanup;
    }

    if (gr_is_zero(factor, ctx) == T_TRUE)
    {
        verdict = CAUSTIC_REFUTED;
        caustic_text_printf(detail, "the equation does not contain %s",
            caustic_expr_name(caustic_field_pool(ctx), caustic_field_symbol(pivot, ctx)));
        goto cleanup;
    }

    status = caustic_field_derivative(curvature, factor, pivot, ctx);
    if (status != GR_SUCCESS || gr_is_zero(curvature, ctx) != T_TRUE)
    {
        verdict = compare_nonlinear(detail, claimed, a, b, slope, pivot, ctx);
        goto cleanup;
    }

    status = gr_mul(b, b, factor, ctx);
    status |= gr_sub(a, a, b, ctx);
    zero = (status == GR_SUCCESS) ? caustic_field_is_zero(a, witness, ctx) : T_UNKNOWN;

    if (zero == T_FALSE)
    {
        verdict = CAUSTIC_REFUTED;
        caustic_text_append(detail, "it differs from the derived equation: left minus right, made equal in the time derivative, differs at ");
        caustic_witness_print(detail, witness, ctx);
    }
    else if (zero == T_UNKNOWN)
        caustic_text_append(detail, "the difference from the derived equation was neither reduced to 0 nor found non-zero");
    else
        verdict = judge_factor(detail, factor, ctx);

cleanup:
    GR_TMP_CLEAR5(a, b, factor, slope, curvature, ctx);
    caustic_witness_clear(witness);
    return verdict;
}

/* The field over the jet: coordinates on their domains, nu > 0, the rest on the line. Returns the
   pivot's place among the symbols. */
static slong
jet_field_init(gr_ctx_t ctx, const caustic_equations_t equations, const caustic_interval_struct * coordinate_domain,
    const caustic_expr * expressions, slong length, caustic_expr pivot)
{
    slong d = equations->dimension, count, pivot_index = 0;
    caustic_expr * symbols;
    caustic_interval_struct * domains;

    count = collect_symbols(&symbols, equations, expressions, length);
    domains = flint_malloc((size_t) count * sizeof(caustic_interval_struct));

    for (slong i = 0; i < count; i++)
    {
        caustic_interval_init(domains + i);

        if (i < d)
            caustic_interval_set(domains + i, coordinate_domain + i);
        else if (i == d)
            domains[i].lower_infinite = 0; /* nu > 0 */

        if (symbols[i] == pivot)
            pivot_index = i;
    }

    caustic_field_ctx_init(ctx, equations->pool, symbols, domains, count);

    for (slong i = 0; i < count; i++)
        caustic_interval_clear(domains + i);
    flint_free(domains);
    flint_free(symbols);
    return pivot_index;
}

caustic_verdict
caustic_equations_compare(caustic_text_t detail, const caustic_equations_t equations,
    const caustic_interval_struct * coordinate_domain, const caustic_equation * claimed,
    const caustic_equation * derived, caustic_expr pivot)
{
    caustic_expr expressions[3];
    caustic_verdict verdict;
    gr_ctx_t ctx;
    slong pivot_index;

    expressions[0] = difference(equations, claimed);
    expressions[1] = difference(equations, derived);
    expressions[2] = pivot;

    if (expressions[0] == CAUSTIC_NONE || expressions[1] == CAUSTIC_NONE)
    {
        caustic_text_append(detail, "the equation is nowhere defined");
        return CAUSTIC_REFUTED;
    }

    pivot_index = jet_field_init(ctx, equations, coordinate_domain, expressions, 3, pivot);
    verdict = compare_in_field(detail, expressions[0], expressions[1], pivot_index, ctx);
    gr_ctx_clear(ctx);
    return verdict;
}

truth_t
caustic_equations_is_defined(caustic_text_t why, const caustic_equations_t equations,
    const caustic_interval_struct * coordinate_domain, const caustic_equation * claimed,
    const caustic_equation * derived, int punctured)
{
    caustic_expr sides[4] = {claimed->left, claimed->right, derived->left, derived->right};
    truth_t answer = T_TRUE, known = T_TRUE;
    caustic_text_t unused;
    gr_ctx_t ctx;

    for (slong i = 0; i < 4; i++)
        if (sides[i] == CAUSTIC_NONE)
            return T_FALSE;

    caustic_text_init(unused);
    jet_field_init(ctx, equations, coordinate_domain, sides, 4, CAUSTIC_NONE);

    for (slong i = 0; i < 4; i++)
    {
        truth_t smooth = caustic_field_is_smooth(i < 2 ? why : unused, sides[i], NULL, 0, punctured, ctx);

        if (i < 2)
            answer = truth_and(answer, smooth);
        else
            known = truth_and(known, smooth);
    }

    gr_ctx_clear(ctx);
    caustic_text_clear(unused);

    /* what the derived equation does not show either is not held against the claim */
    return (answer == T_UNKNOWN && known != T_TRUE) ? T_TRUE : answer;
}
