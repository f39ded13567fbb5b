/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Whether an expression is defined and analytic on the whole box. The field itself cannot say it: what
    cancels in an element, as in x/x or in a metric with a pole off the diagonal, leaves no trace.
*/

#include "sign_internal.h"

typedef struct
{
    gr_ctx_struct * ctx;
    const caustic_expr * nonzero;
    slong length;
    int punctured;
    caustic_text_struct * why;
}
smooth_struct;

static int nonzero_by_stratum(const field_element_struct * x, const smooth_struct * smooth)
{
    return smooth->length > 0 && field_is_nonzero_on(x, smooth->nonzero, smooth->length, smooth->ctx);
}

/* Says what is missing: "log(x - 1): x - 1 is negative at x = 1/2". */
static void explain(const smooth_struct * smooth, caustic_expr e, caustic_expr argument, const char * what,
    const caustic_witness_struct * witness)
{
    const caustic_pool * pool = caustic_field_pool(smooth->ctx);
    slong k;
    caustic_expr_print(smooth->why, pool, e);
    caustic_text_append(smooth->why, ": ");
    caustic_expr_print(smooth->why, pool, argument);
    caustic_text_printf(smooth->why, " %s", what);
    for (k = 0; witness != NULL && k < witness->length; k++)
    {
        char * s = fmpq_get_str(NULL, 10, witness->point + k);
        caustic_text_printf(smooth->why, "%s%s = %s", k == 0 ? " at " : ", ",
            caustic_expr_name(pool, caustic_field_symbol(k, smooth->ctx)), s);
        flint_free(s);
    }
}

/* The argument has no zeros. It is analytic on the box, which is connected, so two signs mean a zero,
   unless the zeros are what a stratum leaves out. [FIELD-9] */
static truth_t has_no_zeros(caustic_expr e, caustic_expr argument, const field_element_struct * x, const smooth_struct * smooth)
{
    caustic_sign sign = field_element_sign(x, FIELD(smooth->ctx));
    caustic_witness_t witness;
    truth_t answer = T_UNKNOWN;
    if (sign_is_strict(sign) || nonzero_by_stratum(x, smooth))
    {
        return T_TRUE;
    }
    caustic_witness_init(witness, caustic_field_symbols(smooth->ctx));
    if (sign == CAUSTIC_SIGN_ZERO)
    {
        answer = T_FALSE;
        explain(smooth, e, argument, "is 0", NULL);
    }
    else if (!smooth->punctured && caustic_field_find_sign(witness, x, 1, smooth->ctx)
        && caustic_field_find_sign(witness, x, -1, smooth->ctx))
    {
        answer = T_FALSE;
        explain(smooth, e, argument, "takes both signs on the domain, so it vanishes somewhere", NULL);
    }
    else
    {
        explain(smooth, e, argument, "could not be proved to vanish nowhere on the domain", NULL);
    }
    caustic_witness_clear(witness);
    return answer;
}

static truth_t is_positive(caustic_expr e, caustic_expr argument, const field_element_struct * x, const smooth_struct * smooth)
{
    caustic_sign sign = field_element_sign(x, FIELD(smooth->ctx));
    caustic_witness_t witness;
    truth_t answer = T_UNKNOWN;
    if (sign == CAUSTIC_SIGN_POSITIVE
        || field_sign_on(x, smooth->nonzero, smooth->length, smooth->ctx) == CAUSTIC_SIGN_POSITIVE)
    {
        return T_TRUE;
    }
    caustic_witness_init(witness, caustic_field_symbols(smooth->ctx));
    if (caustic_field_find_sign(witness, x, -1, smooth->ctx))
    {
        answer = T_FALSE;
        explain(smooth, e, argument, "is negative", witness);
    }
    else
    {
        explain(smooth, e, argument, "could not be proved positive on the whole domain", NULL);
    }
    caustic_witness_clear(witness);
    return answer;
}

/* |x| < 3/2 < pi/2 keeps away from the poles of the tangent. */
static truth_t has_tangent(caustic_expr e, caustic_expr argument, const field_element_struct * x, const smooth_struct * smooth)
{
    caustic_field * field = FIELD(smooth->ctx);
    truth_t answer = T_UNKNOWN;
    fmpq_t bound;
    field_element_t t, square;
    fmpq_init(bound);
    field_element_init(t, field);
    field_element_init(square, field);
    fmpq_set_si(bound, 9, 4);
    field_set_fmpq(t, bound, field);
    if (field_mul(square, x, x, smooth->ctx) == GR_SUCCESS && field_sub(t, t, square, smooth->ctx) == GR_SUCCESS
        && field_element_sign(t, field) == CAUSTIC_SIGN_POSITIVE)
    {
        answer = T_TRUE;
    }
    else
    {
        explain(smooth, e, argument, "could not be kept away from the poles of the tangent", NULL);
    }
    fmpq_clear(bound);
    field_element_clear(t, field);
    field_element_clear(square, field);
    return answer;
}

/* One operation, its argument x already known to be analytic. abs and relu of an argument of one sign are linear. */
static truth_t operation_is_smooth(caustic_expr e, caustic_expr argument, const field_element_struct * x,
    const smooth_struct * smooth)
{
    const caustic_pool * pool = caustic_field_pool(smooth->ctx);
    switch (caustic_expr_op(pool, e))
    {
        case CAUSTIC_OP_POWER:
            if (!fmpz_is_one(fmpq_denref(caustic_expr_fmpq(pool, e))))
            {
                return is_positive(e, argument, x, smooth);
            }
            return fmpq_sgn(caustic_expr_fmpq(pool, e)) > 0 ? T_TRUE : has_no_zeros(e, argument, x, smooth);
        case CAUSTIC_OP_SIGN:
        case CAUSTIC_OP_STEP:
            return has_no_zeros(e, argument, x, smooth);
        case CAUSTIC_OP_LOG:
            return is_positive(e, argument, x, smooth);
        case CAUSTIC_OP_TAN:
            return has_tangent(e, argument, x, smooth);
        case CAUSTIC_OP_ABS:
        case CAUSTIC_OP_RELU:
            if (field_element_sign(x, FIELD(smooth->ctx)) != CAUSTIC_SIGN_UNKNOWN)
            {
                return T_TRUE;
            }
            explain(smooth, e, argument, "could not be proved to keep its sign", NULL);
            return T_UNKNOWN;
        default:
            return T_TRUE;
    }
}

truth_t caustic_field_is_smooth(caustic_text_t why, caustic_expr e, const caustic_expr * nonzero, slong length,
    int punctured, gr_ctx_t ctx)
{
    smooth_struct smooth = {ctx, nonzero, length, punctured || length > 0, why};
    const caustic_pool * pool = caustic_field_pool(ctx);
    char * below;
    slong h, i;
    truth_t answer = T_TRUE;
    field_element_t x;
    if (e == CAUSTIC_NONE)
    {
        caustic_text_append(why, "it is nowhere defined");
        return T_FALSE;
    }
    below = flint_calloc((size_t) e + 1, 1);
    field_element_init(x, FIELD(ctx));
    below[e] = 1;
    for (h = (slong) e; h > 0; h--) /* children have smaller handles */
    {
        for (i = 0; below[h] && i < caustic_expr_arity(pool, (caustic_expr) h); i++)
        {
            below[caustic_expr_child(pool, (caustic_expr) h, i)] = 1;
        }
    }
    for (h = 1; h <= (slong) e && answer == T_TRUE; h++)
    {
        caustic_op op = below[h] ? caustic_expr_op(pool, (caustic_expr) h) : CAUSTIC_OP_NUMBER;
        if (op == CAUSTIC_OP_POWER || op == CAUSTIC_OP_LOG || op == CAUSTIC_OP_TAN || op == CAUSTIC_OP_SIGN
            || op == CAUSTIC_OP_STEP || op == CAUSTIC_OP_ABS || op == CAUSTIC_OP_RELU)
        {
            caustic_expr argument = caustic_expr_child(pool, (caustic_expr) h, 0);
            int status = caustic_field_set_expr(x, argument, ctx);
            if (status == GR_SUCCESS)
            {
                answer = operation_is_smooth((caustic_expr) h, argument, x, &smooth);
            }
            else
            {
                answer = T_UNKNOWN;
                explain(&smooth, (caustic_expr) h, argument, "is not understood by the exact field", NULL);
            }
        }
    }
    if (answer == T_TRUE && caustic_field_set_expr(x, e, ctx) != GR_SUCCESS)
    {
        answer = T_UNKNOWN;
        caustic_expr_print(why, pool, e);
        caustic_text_append(why, " is not understood by the exact field");
    }
    flint_free(below);
    field_element_clear(x, FIELD(ctx));
    return answer;
}
