/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Whether a symmetric matrix over the field is positive semidefinite at a rational point. There its entries are numbers of the
    field: which of them are 0 is found by algebra, the signs of the others by balls. [FIELD-13] Or at all points of the box. [FIELD-14]
*/

#include "field_internal.h"

/* Bits for the sign of a number that is not 0. */
#define FIRST_SIGN_BITS 64
#define LAST_SIGN_BITS 4096

/* The value of x at the point, a number, as an element. */
static int set_value(gr_ptr res, gr_srcptr x, const fmpq * point, gr_ctx_t ctx)
{
    caustic_field * field = FIELD(ctx);
    slong n = field->symbols_length, k;
    caustic_expr * value = flint_malloc(sizeof(caustic_expr) * (size_t) FLINT_MAX(n, 1)), e;
    arb_ptr where = _arb_vec_init(n);
    arb_t ball;
    int status = GR_UNABLE;

    arb_init(ball);
    for (k = 0; k < n; k++)
    {
        value[k] = caustic_number(field->pool, point + k);
        arb_set_fmpq(where + k, point + k, LAST_SIGN_BITS);
    }
    /* defined there: what is substituted could forget a denominator that is 0 */
    caustic_field_evaluate_arb(ball, x, where, LAST_SIGN_BITS, ctx);
    if (arb_is_finite(ball))
    {
        e = caustic_substitute(field->pool, caustic_field_get_expr(x, ctx), field->symbols, value, n);
        status = e == CAUSTIC_NONE ? GR_UNABLE : caustic_field_set_expr(res, e, ctx);
    }
    flint_free(value);
    _arb_vec_clear(where, n);
    arb_clear(ball);
    return status;
}

/* The sign of a number: 1, 0, -1 in *sign if the answer is T_TRUE. */
static truth_t sign_of_number(int * sign, gr_srcptr x, const fmpq * point, gr_ctx_t ctx)
{
    slong n = FIELD(ctx)->symbols_length, k, prec;
    truth_t zero = caustic_field_is_zero(x, NULL, ctx);
    arb_ptr where;
    arb_t ball;

    *sign = 0;
    if (zero != T_FALSE)
    {
        return zero;
    }
    where = _arb_vec_init(n);
    arb_init(ball);
    for (prec = FIRST_SIGN_BITS; prec <= LAST_SIGN_BITS && *sign == 0; prec *= 2)
    {
        for (k = 0; k < n; k++)
        {
            arb_set_fmpq(where + k, point + k, prec);
        }
        caustic_field_evaluate_arb(ball, x, where, prec, ctx);
        *sign = arb_is_positive(ball) ? 1 : arb_is_negative(ball) ? -1 : 0;
    }
    _arb_vec_clear(where, n);
    arb_clear(ball);
    return *sign == 0 ? T_UNKNOWN : T_TRUE;
}

/* The signs of the diagonal from `done` on: T_FALSE if one is negative; else *pivot is a place with a positive entry, or -1
   where there is none, and T_UNKNOWN is the answer if there is none and some sign is open. */
static truth_t look_for_pivot(slong * pivot, const gr_mat_t a, slong done, const fmpq * point, gr_ctx_t ctx)
{
    truth_t answer = T_TRUE;
    slong i;
    int sign;

    *pivot = -1;
    for (i = done; i < a->r; i++)
    {
        if (sign_of_number(&sign, gr_mat_entry_srcptr(a, i, i, ctx), point, ctx) != T_TRUE)
        {
            answer = T_UNKNOWN;
        }
        else if (sign < 0)
        {
            return T_FALSE;
        }
        else if (sign > 0 && *pivot < 0)
        {
            *pivot = i;
        }
    }
    return *pivot >= 0 ? T_TRUE : answer;
}

/* Rows and columns i and k exchanged. */
static void exchange(gr_mat_t a, slong i, slong k, gr_ctx_t ctx)
{
    slong j;
    for (j = 0; j < a->r && i != k; j++)
    {
        gr_swap(gr_mat_entry_ptr(a, i, j, ctx), gr_mat_entry_ptr(a, k, j, ctx), ctx);
    }
    for (j = 0; j < a->r && i != k; j++)
    {
        gr_swap(gr_mat_entry_ptr(a, j, i, ctx), gr_mat_entry_ptr(a, j, k, ctx), ctx);
    }
}

/* a_kl -= a_ik a_il / a_ii for k, l > i. */
static int eliminate(gr_mat_t a, slong i, gr_ctx_t ctx)
{
    int status = GR_SUCCESS;
    slong n = a->r, k, l;
    gr_ptr factor, product;

    GR_TMP_INIT2(factor, product, ctx);
    for (k = i + 1; k < n && status == GR_SUCCESS; k++)
    {
        status = gr_div(factor, gr_mat_entry_srcptr(a, i, k, ctx), gr_mat_entry_srcptr(a, i, i, ctx), ctx);
        for (l = i + 1; l < n && status == GR_SUCCESS; l++)
        {
            status |= gr_mul(product, factor, gr_mat_entry_srcptr(a, i, l, ctx), ctx);
            status |= gr_sub(gr_mat_entry_ptr(a, k, l, ctx), gr_mat_entry_srcptr(a, k, l, ctx), product, ctx);
        }
    }
    GR_TMP_CLEAR2(factor, product, ctx);
    return status;
}

/* What is left when its diagonal is 0: nowhere negative only where it is 0. */
static truth_t rest_is_zero(const gr_mat_t a, slong done, gr_ctx_t ctx)
{
    truth_t answer = T_TRUE;
    slong i, j;

    for (i = done; i < a->r && answer != T_FALSE; i++)
    {
        for (j = done; j < i && answer != T_FALSE; j++)
        {
            truth_t zero = caustic_field_is_zero(gr_mat_entry_srcptr(a, i, j, ctx), NULL, ctx);
            answer = zero == T_TRUE ? answer : zero;
        }
    }
    return answer;
}

static truth_t is_semidefinite(gr_mat_t a, const fmpq * point, gr_ctx_t ctx)
{
    slong done, pivot;
    truth_t answer = T_TRUE;

    for (done = 0; done < a->r && answer == T_TRUE; done++)
    {
        answer = look_for_pivot(&pivot, a, done, point, ctx);
        if (answer == T_TRUE && pivot < 0)
        {
            return rest_is_zero(a, done, ctx);
        }
        if (answer == T_TRUE)
        {
            exchange(a, done, pivot, ctx);
            answer = eliminate(a, done, ctx) == GR_SUCCESS ? T_TRUE : T_UNKNOWN;
        }
    }
    return answer;
}

truth_t caustic_field_is_semidefinite_at(const gr_mat_t form, const fmpq * point, gr_ctx_t ctx)
{
    slong n = form->r, i, j;
    int status = GR_SUCCESS;
    truth_t answer = T_UNKNOWN;
    gr_mat_t a;

    gr_mat_init(a, n, n, ctx);
    for (i = 0; i < n; i++)
    {
        for (j = 0; j <= i && status == GR_SUCCESS; j++)
        {
            status = set_value(gr_mat_entry_ptr(a, i, j, ctx), gr_mat_entry_srcptr(form, i, j, ctx), point, ctx);
            status |= gr_set(gr_mat_entry_ptr(a, j, i, ctx), gr_mat_entry_srcptr(a, i, j, ctx), ctx);
        }
    }
    if (status == GR_SUCCESS)
    {
        answer = is_semidefinite(a, point, ctx);
    }
    gr_mat_clear(a, ctx);
    return answer;
}

/* Everywhere *********************************************************************************/

/* Whether the i-th row of what is left is 0 beside the diagonal. */
static int stands_alone(const gr_mat_t a, slong i, slong done, gr_ctx_t ctx)
{
    slong j;
    for (j = done; j < a->r; j++)
    {
        if (j != i && caustic_field_is_zero(gr_mat_entry_srcptr(a, i, j, ctx), NULL, ctx) != T_TRUE)
        {
            return 0;
        }
    }
    return 1;
}

/* The next row: one that stands alone and is nowhere negative, or one whose diagonal entry is positive everywhere; -1: there is none.
   *alone says which. */
static slong next_row(int * alone, const gr_mat_t a, slong done, gr_ctx_t ctx)
{
    slong i;
    for (i = done; i < a->r; i++)
    {
        caustic_sign sign = caustic_field_sign(gr_mat_entry_srcptr(a, i, i, ctx), ctx);
        *alone = sign == CAUSTIC_SIGN_ZERO || sign == CAUSTIC_SIGN_NONNEGATIVE;
        if (sign == CAUSTIC_SIGN_POSITIVE || (*alone && stands_alone(a, i, done, ctx)))
        {
            return i;
        }
    }
    return -1;
}

int caustic_field_is_semidefinite(const gr_mat_t form, gr_ctx_t ctx)
{
    slong done, row;
    int semidefinite, alone;
    gr_mat_t a;

    gr_mat_init(a, form->r, form->r, ctx);
    semidefinite = gr_mat_set(a, form, ctx) == GR_SUCCESS;
    for (done = 0; done < form->r && semidefinite; done++)
    {
        row = next_row(&alone, a, done, ctx);
        semidefinite = row >= 0;
        if (semidefinite)
        {
            exchange(a, done, row, ctx);
            semidefinite = alone || eliminate(a, done, ctx) == GR_SUCCESS;
        }
    }
    gr_mat_clear(a, ctx);
    return semidefinite;
}
