/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <string.h>
#include "equations/form.h"

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

static void
print_coefficient(caustic_text_t detail, const form_t form, caustic_expr monomial, const caustic_witness_t witness)
{
    slong place = form_find(form, monomial);

    if (place < 0)
        caustic_text_append(detail, "0");
    else
        print_value(detail, form_coefficient(form, place), witness, form->ctx);
}

/* A coefficient that is not what it should be, at the witness. */
static void
print_difference(caustic_text_t detail, caustic_expr monomial, const form_t claimed, const form_t scaled,
    const caustic_witness_t witness)
{
    gr_ctx_struct * ctx = claimed->ctx;
    caustic_pool * pool = caustic_field_pool(ctx);
    char * text = caustic_expr_string(pool, monomial);

    caustic_text_append(detail, "it differs from the derived equation: at");
    for (slong i = 0; i < witness->length; i++)
    {
        char * value = fmpq_get_str(NULL, 10, witness->point + i);

        caustic_text_printf(detail, "%s %s = %s", i == 0 ? "" : ",", caustic_expr_name(pool, caustic_field_symbol(i, ctx)), value);
        flint_free(value);
    }

    if (monomial == caustic_integer(pool, 1))
        caustic_text_append(detail, " the term without unknowns in left minus right is ");
    else
        caustic_text_printf(detail, " the coefficient of %s in left minus right is ", text);
    print_coefficient(detail, claimed, monomial, witness);
    caustic_text_append(detail, ", and should be ");
    print_coefficient(detail, scaled, monomial, witness);
    flint_free(text);
}

/* Monomial by monomial, scaled = factor derived [EQUATIONS-4]. */
static caustic_verdict
compare_coefficients(caustic_text_t detail, const form_t claimed, const form_t scaled, gr_srcptr factor, gr_ctx_t ctx)
{
    caustic_verdict verdict = CAUSTIC_PROVED;
    form_t difference;
    caustic_witness_t witness;

    form_init(difference, ctx);
    caustic_witness_init(witness, caustic_field_symbols(ctx));

    if (form_add_form(difference, claimed, 1) != GR_SUCCESS || form_add_form(difference, scaled, -1) != GR_SUCCESS)
        verdict = CAUSTIC_UNDECIDED;

    for (slong i = 0; i < difference->length && verdict != CAUSTIC_REFUTED; i++)
    {
        truth_t zero = caustic_field_is_zero(form_coefficient(difference, i), witness, ctx);

        if (zero != T_TRUE)
            verdict = (zero == T_FALSE) ? CAUSTIC_REFUTED : CAUSTIC_UNDECIDED;
        if (zero == T_FALSE)
            print_difference(detail, difference->monomial[i], claimed, scaled, witness);
    }

    if (verdict == CAUSTIC_PROVED)
        verdict = judge_factor(detail, factor, ctx);

    form_clear(difference);
    caustic_witness_clear(witness);
    return verdict;
}

/* Where both equations are polynomials in the unknowns, with the pivot in one term alone. *applies is 0 where they
   are not, or where something stayed open that the general way may decide. */
static caustic_verdict
compare_forms(int * applies, caustic_text_t detail, const caustic_equations_t equations,
    const caustic_interval_struct * coordinate_domain, caustic_expr claimed_expr, caustic_expr derived_expr, caustic_expr pivot)
{
    caustic_verdict verdict = CAUSTIC_UNDECIDED;
    form_t claimed, derived;
    slong place = -1, own = -1;
    gr_ctx_t ctx;
    gr_ptr factor;
    int status;

    coefficient_field_init(ctx, equations, coordinate_domain);
    form_init(claimed, ctx);
    form_init(derived, ctx);
    GR_TMP_INIT(factor, ctx);

    status = form_set_expr(claimed, claimed_expr);
    if (status == GR_SUCCESS)
        status |= form_set_expr(derived, derived_expr);

    *applies = status == GR_SUCCESS && form_is_affine(&place, claimed, pivot) && form_is_affine(&own, derived, pivot)
        && own >= 0 && (place < 0 || gr_is_zero(form_coefficient(claimed, place), ctx) == T_FALSE);

    if (*applies && place < 0)
    {
        verdict = CAUSTIC_REFUTED;
        caustic_text_printf(detail, "the equation does not contain %s", caustic_expr_name(equations->pool, pivot));
    }
    else if (*applies)
    {
        status |= gr_div(factor, form_coefficient(claimed, place), form_coefficient(derived, own), ctx);
        if (status == GR_SUCCESS)
            status |= form_multiply(derived, factor);
        if (status == GR_SUCCESS)
            verdict = compare_coefficients(detail, claimed, derived, factor, ctx);
        *applies = status == GR_SUCCESS && (verdict != CAUSTIC_UNDECIDED || detail->length > 0);
    }

    form_clear(claimed);
    form_clear(derived);
    GR_TMP_CLEAR(factor, ctx);
    gr_ctx_clear(ctx);
    return verdict;
}

/* Which component of Burgers' equation this is, or -1. */
static slong
component_of(const caustic_equations_t equations, const caustic_equation * derived)
{
    slong k = equations->dimension - 1;

    while (k >= 0 && derived != equations->burgers + k)
        k--;

    return k;
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
    caustic_text_t reason;
    gr_ctx_t ctx;
    slong pivot_index;
    int applies;

    expressions[0] = difference(equations, claimed);
    expressions[1] = difference(equations, derived);
    expressions[2] = pivot;

    if (expressions[0] == CAUSTIC_NONE || expressions[1] == CAUSTIC_NONE)
    {
        caustic_text_append(detail, "the equation is nowhere defined");
        return CAUSTIC_REFUTED;
    }

    caustic_text_init(reason);
    verdict = compare_forms(&applies, reason, equations, coordinate_domain, expressions[0], expressions[1], pivot);
    if (!applies)
    {
        caustic_text_reset(reason);
        pivot_index = jet_field_init(ctx, equations, coordinate_domain, expressions, 3, pivot);
        verdict = compare_in_field(reason, expressions[0], expressions[1], pivot_index, ctx);
        gr_ctx_clear(ctx);
    }

    caustic_text_append(detail, reason->data);
    caustic_text_clear(reason);
    if (verdict == CAUSTIC_REFUTED && component_of(equations, derived) >= 0)
        name_missing_terms(detail, equations, coordinate_domain, expressions[0], expressions[1], component_of(equations, derived));
    return verdict;
}

truth_t
caustic_equations_is_defined(caustic_text_t why, const caustic_equations_t equations,
    const caustic_interval_struct * coordinate_domain, const caustic_equation * claimed, int punctured)
{
    caustic_expr sides[2] = {claimed->left, claimed->right};
    truth_t answer = T_TRUE;
    gr_ctx_t ctx;

    if (sides[0] == CAUSTIC_NONE || sides[1] == CAUSTIC_NONE)
        return T_FALSE;

    jet_field_init(ctx, equations, coordinate_domain, sides, 2, CAUSTIC_NONE);
    for (slong i = 0; i < 2 && answer != T_FALSE; i++)
    {
        caustic_text_t reason;
        truth_t smooth;

        caustic_text_init(reason);
        smooth = caustic_field_is_smooth(reason, sides[i], NULL, 0, punctured, ctx);
        if (smooth != T_TRUE && (smooth == T_FALSE || answer == T_TRUE))
        {
            caustic_text_reset(why);
            caustic_text_append(why, reason->data);
        }
        answer = truth_and(answer, smooth);
        caustic_text_clear(reason);
    }
    gr_ctx_clear(ctx);
    return answer;
}
