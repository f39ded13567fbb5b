/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include "reduction_internal.h"

#define PARAMETERS_LIMIT 600 /* a matrix of functions of that size takes some 100 MB */

caustic_expr
matrix_expr(const gr_mat_t matrix, slong i, slong j, gr_ctx_t ctx)
{
    return caustic_field_get_expr(gr_mat_entry_srcptr(matrix, i, j, ctx), ctx);
}

caustic_expr
on_section(const caustic_setting_t setting, caustic_expr e)
{
    return caustic_substitute(setting->pool, e, setting->parameter, setting->section, setting->parameters);
}

caustic_expr
pulled_back(const caustic_setting_t setting, caustic_expr e)
{
    return caustic_substitute(setting->pool, e, setting->coordinate, setting->invariant, setting->coordinates);
}

caustic_expr
moved_by(const caustic_setting_t setting, caustic_expr e, slong s)
{
    return caustic_substitute(setting->pool, e, setting->parameter,
        setting->element + s * setting->parameters, setting->parameters);
}

/* Zero entries are skipped: metrics and generators of networks are mostly zeros. */
static int
is_plainly_zero(gr_srcptr x, gr_ctx_t ctx)
{
    return gr_is_zero(x, ctx) == T_TRUE;
}

int
metric_gradient(gr_mat_t res, const upstairs_t up, gr_srcptr f, gr_ctx_t ctx)
{
    slong n = up->inverse_metric->r;
    gr_mat_t slope;
    gr_ptr term;
    int status = GR_SUCCESS;

    gr_mat_init(slope, n, 1, ctx);
    GR_TMP_INIT(term, ctx);

    for (slong b = 0; b < n; b++)
        status |= caustic_field_derivative(gr_mat_entry_ptr(slope, b, 0, ctx), f, b, ctx);

    status |= gr_mat_zero(res, ctx);

    for (slong a = 0; a < n; a++)
    {
        for (slong b = 0; b < n; b++)
        {
            gr_srcptr entry = gr_mat_entry_srcptr(up->inverse_metric, a, b, ctx);
            gr_ptr sum = gr_mat_entry_ptr(res, a, 0, ctx);

            if (is_plainly_zero(entry, ctx))
                continue;

            status |= gr_mul(term, entry, gr_mat_entry_srcptr(slope, b, 0, ctx), ctx);
            status |= gr_add(sum, sum, term, ctx);
        }
    }

    gr_mat_clear(slope, ctx);
    GR_TMP_CLEAR(term, ctx);
    return status;
}

int
metric_laplacian(gr_ptr res, const upstairs_t up, gr_srcptr f, gr_ctx_t ctx)
{
    slong n = up->inverse_metric->r;
    gr_mat_t gradient;
    gr_ptr divergence, transport, term;
    int status;

    gr_mat_init(gradient, n, 1, ctx);
    GR_TMP_INIT3(divergence, transport, term, ctx);

    status = metric_gradient(gradient, up, f, ctx);

    for (slong a = 0; a < n; a++)
    {
        status |= caustic_field_derivative(term, gr_mat_entry_srcptr(gradient, a, 0, ctx), a, ctx);
        status |= gr_add(divergence, divergence, term, ctx);
        status |= gr_mul(term, gr_mat_entry_srcptr(up->log_volume, a, 0, ctx),
            gr_mat_entry_srcptr(gradient, a, 0, ctx), ctx);
        status |= gr_add(transport, transport, term, ctx);
    }

    status |= gr_div_ui(transport, transport, 2, ctx);
    status |= gr_sub(res, divergence, transport, ctx);

    gr_mat_clear(gradient, ctx);
    GR_TMP_CLEAR3(divergence, transport, term, ctx);
    return status;
}

static int
set_matrix(gr_mat_t res, const caustic_expr * entries, gr_ctx_t ctx)
{
    int status = GR_SUCCESS;

    for (slong i = 0; i < res->r; i++)
        for (slong j = 0; j < res->c; j++)
            status |= caustic_field_set_expr(gr_mat_entry_ptr(res, i, j, ctx), entries[i * res->c + j], ctx);

    return status;
}

static void
upstairs_init(upstairs_t up, caustic_reduction_t reduction)
{
    const caustic_setting_struct * setting = reduction->setting;
    gr_ctx_struct * ctx = reduction->upstairs;
    slong n = setting->parameters;
    statement_t given;
    int status;

    gr_mat_init(up->inverse_metric, n, n, ctx);
    gr_mat_init(up->generators, setting->generators, n, ctx);
    gr_mat_init(up->invariants, setting->coordinates, 1, ctx);
    gr_mat_init(up->jacobian, setting->coordinates, n, ctx);
    gr_mat_init(up->log_volume, n, 1, ctx);
    statement_init(given, "metric");

    statement_require_success(given, set_matrix(up->inverse_metric, setting->inverse_metric, ctx), "the metric");
    statement_require_success(given, set_matrix(up->generators, setting->generator, ctx), "a generator");
    statement_require_success(given, set_matrix(up->invariants, setting->invariant, ctx), "an invariant");

    status = GR_SUCCESS;
    for (slong i = 0; i < setting->coordinates; i++)
        for (slong a = 0; a < n; a++)
            status |= caustic_field_derivative(gr_mat_entry_ptr(up->jacobian, i, a, ctx),
                gr_mat_entry_srcptr(up->invariants, i, 0, ctx), a, ctx);
    statement_require_success(given, status, "a derivative of an invariant");

    if (given->verdict == CAUSTIC_PROVED)
        statement_require_success(given, log_volume(up->log_volume, up->inverse_metric, ctx),
            "the volume of the metric");

    up->readable = given->verdict == CAUSTIC_PROVED;

    if (up->readable)
        statement_clear(given);
    else
        statement_conclude(reduction->checks, given, "read");
}

static void
upstairs_clear(upstairs_t up, gr_ctx_t ctx)
{
    gr_mat_clear(up->inverse_metric, ctx);
    gr_mat_clear(up->generators, ctx);
    gr_mat_clear(up->invariants, ctx);
    gr_mat_clear(up->jacobian, ctx);
    gr_mat_clear(up->log_volume, ctx);
}

void
allocate_cometric(caustic_reduction_t reduction)
{
    slong d = reduction->setting->coordinates;
    gr_ctx_struct * ctx = reduction->downstairs;

    gr_mat_clear(reduction->cometric, ctx);
    gr_mat_clear(reduction->drift, ctx);
    gr_mat_init(reduction->cometric, d, d, ctx);
    gr_mat_init(reduction->drift, d, 1, ctx);
    reduction->cometric_expr = flint_calloc((size_t) FLINT_MAX(d * d, 1), sizeof(caustic_expr));
    reduction->drift_expr = flint_calloc((size_t) FLINT_MAX(d, 1), sizeof(caustic_expr));
}

/* Invariance is read first, and proved after what it rests on. */
static void
last_to_front(caustic_checks_t checks)
{
    caustic_check_struct last = checks->entries[checks->length - 1];

    for (slong i = checks->length - 1; i > 0; i--)
        checks->entries[i] = checks->entries[i - 1];

    checks->entries[0] = last;
}

/* The general way: every identity in the exact field. */
static void
reduce_in_field(caustic_reduction_t reduction)
{
    const caustic_setting_struct * setting = reduction->setting;
    upstairs_t up;

    if (setting->parameters > PARAMETERS_LIMIT)
    {
        caustic_checks_add(reduction->checks, "metric", CAUSTIC_UNDECIDED,
            "not tried: there are %ld parameters, and matrices of functions are made for up to %d",
            (long) setting->parameters, PARAMETERS_LIMIT);
        return;
    }

    allocate_cometric(reduction);
    upstairs_init(up, reduction);

    if (up->readable)
    {
        check_section(reduction, up);
        check_isometry(reduction, up);
        check_projectability(reduction, up);
        check_invariance(reduction, up);
        last_to_front(reduction->checks);
        check_metric(reduction, up);
        check_loss(reduction);
        check_dimension(reduction, up);
        reduction->written_out = reduction->derived;
    }

    upstairs_clear(up, reduction->upstairs);
}

void
caustic_reduction_init(caustic_reduction_t reduction, const caustic_setting_t setting)
{
    slong d = setting->coordinates;

    reduction->setting = setting;
    reduction->derived = 0;
    reduction->loss = reduction->density = CAUSTIC_NONE;
    reduction->assumptions_length = 0;
    reduction->assumptions = NULL;
    reduction->written_out = 0;
    reduction->is_torus = 0;
    reduction->factors = 0;
    reduction->factor = NULL;
    reduction->cometric_expr = reduction->drift_expr = NULL;
    reduction->coverings = 0;
    reduction->covering_element = NULL;
    reduction->covering = NULL;
    caustic_checks_init(reduction->checks);
    caustic_field_ctx_init(reduction->upstairs, setting->pool, setting->parameter,
        setting->parameter_domain, setting->parameters);
    caustic_field_ctx_init(reduction->downstairs, setting->pool, setting->coordinate,
        setting->coordinate_domain, d);
    gr_mat_init(reduction->cometric, 0, 0, reduction->downstairs);
    gr_mat_init(reduction->drift, 0, 0, reduction->downstairs);
    fmpq_mat_init(reduction->gram, 0, 0);

    if (!reduce_product(reduction) && !reduce_torus(reduction))
        reduce_in_field(reduction);
}

void
caustic_reduction_clear(caustic_reduction_t reduction)
{
    for (slong i = 0; i < reduction->assumptions_length; i++)
        flint_free(reduction->assumptions[i]);

    clear_factors(reduction);
    flint_free(reduction->assumptions);
    flint_free(reduction->cometric_expr);
    flint_free(reduction->drift_expr);
    flint_free(reduction->covering_element);
    flint_free(reduction->covering);
    caustic_checks_clear(reduction->checks);
    gr_mat_clear(reduction->cometric, reduction->downstairs);
    gr_mat_clear(reduction->drift, reduction->downstairs);
    fmpq_mat_clear(reduction->gram);
    gr_ctx_clear(reduction->upstairs);
    gr_ctx_clear(reduction->downstairs);
}
