/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include "reduction_internal.h"

/* The charts of single parameters that carry R onto their domain: log on (0, inf) with metric
   c w^2, the identity on the line with constant metric. [REDUCTION-2] */
typedef enum
{
    CHART_NONE = 0,
    CHART_IDENTITY,
    CHART_LOG
}
chart_kind;

/* Whether an expression is, identically, a positive rational number. */
static int
is_positive_number(caustic_expr e, gr_ctx_t ctx)
{
    gr_ptr x;
    fmpq_t value;
    int answer;

    GR_TMP_INIT(x, ctx);
    fmpq_init(value);
    answer = caustic_field_set_expr(x, e, ctx) == GR_SUCCESS
        && caustic_field_get_fmpq(value, x, ctx) == T_TRUE && fmpq_sgn(value) > 0;
    fmpq_clear(value);
    GR_TMP_CLEAR(x, ctx);
    return answer;
}

static chart_kind
chart_of_parameter(const caustic_reduction_t reduction, slong a)
{
    const caustic_setting_struct * setting = reduction->setting;
    gr_ctx_struct * ctx = ((caustic_reduction_struct *) reduction)->upstairs;
    const caustic_interval_struct * domain = setting->parameter_domain + a;
    caustic_expr entry = setting->inverse_metric[a * setting->parameters + a];
    caustic_expr symbol = setting->parameter[a];

    if (domain->lower_infinite && domain->upper_infinite)
        return is_positive_number(entry, ctx) ? CHART_IDENTITY : CHART_NONE;

    if (!domain->lower_infinite && fmpq_is_zero(domain->lower) && !domain->lower_closed && domain->upper_infinite)
        return is_positive_number(caustic_mul(setting->pool, entry,
            caustic_power_si(setting->pool, symbol, -2)), ctx) ? CHART_LOG : CHART_NONE;

    return CHART_NONE;
}

/* Whether the stratum leaves nothing out of the box: its expressions are of one sign there. What has
   holes is not R^N. */
static int
is_whole_box(const caustic_reduction_t reduction)
{
    const caustic_setting_struct * setting = reduction->setting;
    gr_ctx_struct * ctx = ((caustic_reduction_struct *) reduction)->upstairs;
    gr_ptr x;
    int answer = 1;

    GR_TMP_INIT(x, ctx);

    for (slong i = 0; i < setting->strata && answer; i++)
    {
        caustic_sign sign = CAUSTIC_SIGN_UNKNOWN;

        if (caustic_field_set_expr(x, setting->stratum[i], ctx) == GR_SUCCESS)
            sign = caustic_field_sign(x, ctx);
        answer = sign == CAUSTIC_SIGN_POSITIVE || sign == CAUSTIC_SIGN_NEGATIVE;
    }

    GR_TMP_CLEAR(x, ctx);
    return answer;
}

int
is_complete_by_charts(const caustic_reduction_t reduction)
{
    const caustic_setting_struct * setting = reduction->setting;
    slong n = setting->parameters;
    gr_ctx_struct * ctx = ((caustic_reduction_struct *) reduction)->upstairs;
    gr_ptr entry;
    int answer = is_whole_box(reduction);

    GR_TMP_INIT(entry, ctx);

    for (slong a = 0; a < n && answer; a++)
    {
        answer = chart_of_parameter(reduction, a) != CHART_NONE;

        for (slong b = 0; b < n && answer; b++)
            if (a != b)
                answer = caustic_field_set_expr(entry, setting->inverse_metric[a * n + b], ctx) == GR_SUCCESS
                    && gr_is_zero(entry, ctx) == T_TRUE;
    }

    GR_TMP_CLEAR(entry, ctx);
    return answer;
}

/* Whether x is constant: all its derivatives vanish. */
static int
is_constant(gr_srcptr x, slong variables, gr_ctx_t ctx)
{
    gr_ptr slope;
    int answer = 1;

    GR_TMP_INIT(slope, ctx);

    for (slong a = 0; a < variables && answer; a++)
        answer = caustic_field_derivative(slope, x, a, ctx) == GR_SUCCESS && gr_is_zero(slope, ctx) == T_TRUE;

    GR_TMP_CLEAR(slope, ctx);
    return answer;
}

/* In the charts x the generators are constant fields, independent, so the group is R^k acting on
   R^N by translations along a k-dimensional subspace: free and proper. An invariant function is
   one on R^N/R^k = R^d; for d = 1 it has a derivative without zeros, so it is injective there and
   separates the orbits. For d = N the group is trivial and separation is sigma(pi(theta)) = theta. */
static int
section_inverts_invariants(const caustic_reduction_t reduction)
{
    const caustic_setting_struct * setting = reduction->setting;
    gr_ctx_struct * ctx = ((caustic_reduction_struct *) reduction)->upstairs;
    gr_ptr difference;
    int answer = 1;

    GR_TMP_INIT(difference, ctx);

    for (slong a = 0; a < setting->parameters && answer; a++)
        answer = caustic_field_set_expr(difference, caustic_sub(setting->pool,
                pulled_back(setting, setting->section[a]), setting->parameter[a]), ctx) == GR_SUCCESS
            && gr_is_zero(difference, ctx) == T_TRUE;

    GR_TMP_CLEAR(difference, ctx);
    return answer;
}

int
is_translation_group(const caustic_reduction_t reduction, const upstairs_t up)
{
    const caustic_setting_struct * setting = reduction->setting;
    gr_ctx_struct * ctx = ((caustic_reduction_struct *) reduction)->upstairs;
    slong n = setting->parameters, k = setting->generators, d = setting->coordinates;
    gr_mat_t gram, fields, transpose;
    gr_ptr volume, speed;
    int answer = 1;

    if (setting->elements > 0 || k + d != n)
        return 0;

    if (k == 0)
        return section_inverts_invariants(reduction);

    if (d > 1 || !is_whole_box(reduction))
        return 0;

    gr_mat_init(fields, k, n, ctx);
    gr_mat_init(transpose, n, k, ctx);
    gr_mat_init(gram, k, k, ctx);
    GR_TMP_INIT2(volume, speed, ctx);

    for (slong b = 0; b < n && answer; b++)
    {
        chart_kind chart = chart_of_parameter(reduction, b);
        int in_chart = chart != CHART_NONE;

        for (slong a = 0; a < k && in_chart; a++)
        {
            gr_ptr field = gr_mat_entry_ptr(fields, a, b, ctx);

            /* x = log w gives xi^x = xi^w / w */
            in_chart = gr_set(field, gr_mat_entry_srcptr(up->generators, a, b, ctx), ctx) == GR_SUCCESS;
            if (in_chart && chart == CHART_LOG)
                in_chart = caustic_field_set_expr(speed, setting->parameter[b], ctx) == GR_SUCCESS
                    && gr_div(field, field, speed, ctx) == GR_SUCCESS;
            in_chart = in_chart && is_constant(field, n, ctx);
        }

        answer = in_chart;
    }

    answer = answer
        && gr_mat_transpose(transpose, fields, ctx) == GR_SUCCESS
        && gr_mat_mul(gram, fields, transpose, ctx) == GR_SUCCESS
        && determinant(volume, gram, ctx) == GR_SUCCESS
        && caustic_field_is_zero(volume, NULL, ctx) == T_FALSE;

    /* d = 0: one orbit. d = 1: the invariant's derivative along some parameter never vanishes. */
    if (answer && d == 1)
    {
        int monotone = 0;

        for (slong b = 0; b < n && !monotone; b++)
        {
            caustic_sign sign = caustic_field_sign(gr_mat_entry_srcptr(up->jacobian, 0, b, ctx), ctx);
            monotone = sign == CAUSTIC_SIGN_POSITIVE || sign == CAUSTIC_SIGN_NEGATIVE;
        }

        answer = monotone;
    }

    gr_mat_clear(fields, ctx);
    gr_mat_clear(transpose, ctx);
    gr_mat_clear(gram, ctx);
    GR_TMP_CLEAR2(volume, speed, ctx);
    return answer;
}
