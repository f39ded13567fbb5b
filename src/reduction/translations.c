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

/* For the trivial group separation is sigma(pi(theta)) = theta. */
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

/* The derivative of x along the chart of parameter b: d/dx for the identity, w d/dw for the logarithm. */
static int
along_chart(gr_ptr res, gr_srcptr slope, slong b, const caustic_reduction_t reduction, gr_ctx_t ctx)
{
    gr_ptr w;
    int status = gr_set(res, slope, ctx);

    GR_TMP_INIT(w, ctx);
    if (chart_of_parameter(reduction, b) == CHART_LOG)
    {
        status |= caustic_field_set_expr(w, reduction->setting->parameter[b], ctx);
        status |= gr_mul(res, res, w, ctx);
    }
    GR_TMP_CLEAR(w, ctx);
    return status;
}

/* Whether the rows of a matrix of constants are independent. */
static int
has_independent_rows(const gr_mat_t rows, gr_ctx_t ctx)
{
    gr_mat_t transpose, gram;
    gr_ptr volume;
    int answer;

    gr_mat_init(transpose, rows->c, rows->r, ctx);
    gr_mat_init(gram, rows->r, rows->r, ctx);
    GR_TMP_INIT(volume, ctx);
    answer = gr_mat_transpose(transpose, rows, ctx) == GR_SUCCESS
        && gr_mat_mul(gram, rows, transpose, ctx) == GR_SUCCESS
        && determinant(volume, gram, ctx) == GR_SUCCESS
        && caustic_field_is_zero(volume, NULL, ctx) == T_FALSE;
    gr_mat_clear(transpose, ctx);
    gr_mat_clear(gram, ctx);
    GR_TMP_CLEAR(volume, ctx);
    return answer;
}

/* Whether invariant i, or its logarithm, is linear in the charts; row i of the matrix then holds the
   coefficients. */
static int
read_linear(gr_mat_t linear, slong i, int logarithm, const caustic_reduction_t reduction, const upstairs_t up, gr_ctx_t ctx)
{
    slong n = reduction->setting->parameters;
    gr_srcptr z = gr_mat_entry_srcptr(up->invariants, i, 0, ctx);
    int answer = 1;

    if (logarithm)
    {
        caustic_sign sign = caustic_field_sign(z, ctx);
        answer = sign == CAUSTIC_SIGN_POSITIVE || sign == CAUSTIC_SIGN_NEGATIVE;
    }
    for (slong b = 0; b < n && answer; b++)
    {
        gr_ptr entry = gr_mat_entry_ptr(linear, i, b, ctx);

        answer = along_chart(entry, gr_mat_entry_srcptr(up->jacobian, i, b, ctx), b, reduction, ctx) == GR_SUCCESS
            && (!logarithm || gr_div(entry, entry, z, ctx) == GR_SUCCESS) && is_constant(entry, n, ctx);
    }
    return answer;
}

/* Whether the invariants separate the translations' orbits: linear in the charts and independent, or,
   for d = 1, with a derivative that has no zeros. */
static int
separates_translations(const caustic_reduction_t reduction, const upstairs_t up, gr_ctx_t ctx)
{
    slong n = reduction->setting->parameters, d = reduction->setting->coordinates;
    gr_mat_t linear;
    int answer = 0;

    for (slong b = 0; b < n && d == 1 && !answer; b++)
    {
        caustic_sign sign = caustic_field_sign(gr_mat_entry_srcptr(up->jacobian, 0, b, ctx), ctx);
        answer = sign == CAUSTIC_SIGN_POSITIVE || sign == CAUSTIC_SIGN_NEGATIVE;
    }
    if (answer)
        return 1;

    gr_mat_init(linear, d, n, ctx);
    answer = 1;
    for (slong i = 0; i < d && answer; i++)
        answer = read_linear(linear, i, 0, reduction, up, ctx) || read_linear(linear, i, 1, reduction, up, ctx);
    answer = answer && has_independent_rows(linear, ctx);
    gr_mat_clear(linear, ctx);
    return answer;
}

/* In the charts the generators are constant fields, independent: the group is R^k acting on R^N by
   translations along a k-dimensional subspace, freely and properly. [REDUCTION-2] */
int
is_translation_group(const caustic_reduction_t reduction, const upstairs_t up)
{
    const caustic_setting_struct * setting = reduction->setting;
    gr_ctx_struct * ctx = ((caustic_reduction_struct *) reduction)->upstairs;
    slong n = setting->parameters, k = setting->generators, d = setting->coordinates;
    gr_mat_t fields;
    gr_ptr speed;
    int answer = 1;

    if (setting->elements > reduction->coverings || k + d != n)
        return 0;

    if (k == 0)
        return setting->has_section && section_inverts_invariants(reduction);

    if (!is_whole_box(reduction))
        return 0;

    gr_mat_init(fields, k, n, ctx);
    GR_TMP_INIT(speed, ctx);

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

    answer = answer && has_independent_rows(fields, ctx) && separates_translations(reduction, up, ctx);

    gr_mat_clear(fields, ctx);
    GR_TMP_CLEAR(speed, ctx);
    return answer;
}
