/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Groups that rescale the parameters: free and proper because positive functions are rescaled with
    them, and each orbit is moved to its point on the section explicitly. [REDUCTION-17]
*/

#include "reduction_internal.h"

typedef struct
{
    fmpq_mat_t charges;    /* Q, k x N: generator a is sum_b Q_ab theta_b d_b */
    fmpq_mat_t weights;    /* C, k x k: generator a applied to f_j is C_aj f_j */
    caustic_expr * scaled; /* f_1, .., f_k: positive on the stratum */
    slong length;          /* of those found so far */
}
scalings_struct;

typedef scalings_struct scalings_t[1];

/* The number c with xi_a f = c f, identically. */
static int
weight_of(fmpq_t c, caustic_expr f, slong a, const caustic_reduction_t reduction, gr_ctx_t ctx)
{
    const caustic_setting_struct * setting = reduction->setting;
    caustic_pool * pool = setting->pool;
    caustic_expr along = caustic_integer(pool, 0);
    gr_ptr x, y;
    int constant;

    for (slong b = 0; b < setting->parameters; b++)
        along = caustic_add(pool, along, caustic_mul(pool, setting->generator[a * setting->parameters + b],
            caustic_derivative(pool, f, setting->parameter[b])));

    GR_TMP_INIT2(x, y, ctx);
    constant = caustic_field_set_expr(x, along, ctx) == GR_SUCCESS && caustic_field_set_expr(y, f, ctx) == GR_SUCCESS
        && gr_div(x, x, y, ctx) == GR_SUCCESS && caustic_field_get_fmpq(c, x, ctx) == T_TRUE;
    GR_TMP_CLEAR2(x, y, ctx);
    return constant;
}

/* Whether every generator multiplies each parameter by a number. */
static int
read_charges(scalings_t scalings, const caustic_reduction_t reduction, const upstairs_t up, gr_ctx_t ctx)
{
    const caustic_setting_struct * setting = reduction->setting;
    gr_ptr x, symbol;
    int rescales = 1;

    GR_TMP_INIT2(x, symbol, ctx);
    for (slong b = 0; b < setting->parameters && rescales; b++)
    {
        rescales = caustic_field_set_expr(symbol, setting->parameter[b], ctx) == GR_SUCCESS;
        for (slong a = 0; a < setting->generators && rescales; a++)
            rescales = gr_div(x, gr_mat_entry_srcptr(up->generators, a, b, ctx), symbol, ctx) == GR_SUCCESS
                && caustic_field_get_fmpq(fmpq_mat_entry(scalings->charges, a, b), x, ctx) == T_TRUE;
    }
    GR_TMP_CLEAR2(x, symbol, ctx);
    return rescales;
}

/* Whether positive factors keep the interval. */
static int
is_cone(const caustic_interval_t domain)
{
    return (domain->lower_infinite || fmpq_is_zero(domain->lower)) && (domain->upper_infinite || fmpq_is_zero(domain->upper));
}

/* Whether the rescalings are defined for all times on the stratum: its expressions are rescaled too. */
static int
keeps_domain(const scalings_t scalings, const caustic_reduction_t reduction, gr_ctx_t ctx)
{
    const caustic_setting_struct * setting = reduction->setting;
    fmpq_t c;
    int keeps = 1;

    fmpq_init(c);
    for (slong a = 0; a < setting->generators && keeps; a++)
    {
        for (slong b = 0; b < setting->parameters && keeps; b++)
            keeps = fmpq_is_zero(fmpq_mat_entry(scalings->charges, a, b)) || is_cone(setting->parameter_domain + b);
        for (slong i = 0; i < setting->strata && keeps; i++)
            keeps = weight_of(c, setting->stratum[i], a, reduction, ctx);
    }
    fmpq_clear(c);
    return keeps;
}

/* Takes f as the next function, if it is positive, rescaled, and independent of those before. */
static void
try_function(scalings_t scalings, caustic_expr f, const caustic_reduction_t reduction, gr_ctx_t ctx)
{
    const caustic_setting_struct * setting = reduction->setting;
    slong k = setting->generators, length = scalings->length;
    fmpq_mat_t echelon;
    gr_ptr x;
    int rescaled;

    if (length == k)
        return;

    GR_TMP_INIT(x, ctx);
    rescaled = caustic_field_set_expr(x, f, ctx) == GR_SUCCESS
        && caustic_field_sign_on(x, setting->stratum, setting->strata, ctx) == CAUSTIC_SIGN_POSITIVE;
    for (slong a = 0; a < k && rescaled; a++)
        rescaled = weight_of(fmpq_mat_entry(scalings->weights, a, length), f, a, reduction, ctx);

    fmpq_mat_init(echelon, k, k);
    if (rescaled)
        rescaled = fmpq_mat_rref(echelon, scalings->weights) == length + 1;
    fmpq_mat_clear(echelon);

    if (rescaled)
        scalings->scaled[scalings->length++] = f;
    else
        for (slong a = 0; a < k; a++)
            fmpq_zero(fmpq_mat_entry(scalings->weights, a, length));
    GR_TMP_CLEAR(x, ctx);
}

/* theta_b prod_j (f_j(sigma(pi(theta)))/f_j(theta))^E_jb, with E = C^-1 Q: the point of the orbit at which the f_j
   have the values of the section's point. */
static caustic_expr
moved_to_section(const scalings_t scalings, const fmpq_mat_t exponents, slong b, const caustic_setting_t setting)
{
    caustic_pool * pool = setting->pool;
    caustic_expr image = setting->parameter[b];

    for (slong j = 0; j < setting->generators; j++)
    {
        caustic_expr f = scalings->scaled[j];
        caustic_expr ratio = caustic_div(pool, pulled_back(setting, on_section(setting, f)), f);

        image = caustic_mul(pool, image, caustic_power(pool, ratio, fmpq_mat_entry(exponents, j, b)));
    }
    return image;
}

static int
reaches_section(const scalings_t scalings, const caustic_setting_t setting, gr_ctx_t ctx)
{
    fmpq_mat_t inverse, exponents;
    gr_ptr difference;
    int reaches;

    fmpq_mat_init(inverse, setting->generators, setting->generators);
    fmpq_mat_init(exponents, setting->generators, setting->parameters);
    GR_TMP_INIT(difference, ctx);
    reaches = fmpq_mat_inv(inverse, scalings->weights);
    if (reaches)
        fmpq_mat_mul(exponents, inverse, scalings->charges);
    for (slong b = 0; b < setting->parameters && reaches; b++)
    {
        caustic_expr gap = caustic_sub(setting->pool, moved_to_section(scalings, exponents, b, setting),
            pulled_back(setting, setting->section[b]));

        reaches = gap != CAUSTIC_NONE && caustic_field_set_expr(difference, gap, ctx) == GR_SUCCESS
            && caustic_field_is_zero(difference, NULL, ctx) == T_TRUE;
    }
    fmpq_mat_clear(inverse);
    fmpq_mat_clear(exponents);
    GR_TMP_CLEAR(difference, ctx);
    return reaches;
}

int
is_scaling_group(const caustic_reduction_t reduction, const upstairs_t up)
{
    const caustic_setting_struct * setting = reduction->setting;
    gr_ctx_struct * ctx = ((caustic_reduction_struct *) reduction)->upstairs;
    slong n = setting->parameters, k = setting->generators;
    scalings_t scalings;
    int answer;

    if (k == 0 || !setting->has_section || setting->elements > reduction->coverings)
        return 0;

    fmpq_mat_init(scalings->charges, k, n);
    fmpq_mat_init(scalings->weights, k, k);
    scalings->scaled = flint_calloc((size_t) k, sizeof(caustic_expr));
    scalings->length = 0;

    answer = read_charges(scalings, reduction, up, ctx) && keeps_domain(scalings, reduction, ctx);
    for (slong b = 0; b < n && answer; b++)
        try_function(scalings, setting->parameter[b], reduction, ctx);
    for (slong b = 0; b < n && answer; b++)
        try_function(scalings, setting->inverse_metric[b * n + b], reduction, ctx);
    answer = answer && scalings->length == k && reaches_section(scalings, setting, ctx);

    fmpq_mat_clear(scalings->charges);
    fmpq_mat_clear(scalings->weights);
    flint_free(scalings->scaled);
    return answer;
}
